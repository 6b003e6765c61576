import { readFile } from 'node:fs/promises';
import { PlatformError } from '@maru/api/errors';
import { modelKind } from '@maru/api/resources';
import type { Command as Commander } from 'commander';
import { createTwinEngine, createTwinServer, parseFaultSchedule, parseTwinProfile, type ScheduledFault, type TwinProfile, twinProfile } from '#engines';
import { createIds, createSystemClock } from '#time';
import type { CliContext } from '../command.ts';
import { publishKvEvents } from '../twin/publish-kv-events.ts';

interface Flags {
  readonly port: string;
  readonly host: string;
  readonly profile: string;
  readonly name: string;
  readonly speed: string;
  readonly kvBlocks?: string;
  readonly ranks: string;
  readonly kvEventsConfig?: string;
  readonly faults: boolean;
  readonly faultSchedule?: string;
}

/** Of a KV block, as vLLM has it where nothing is said. */
const BLOCK_TOKENS = 16;

/** Adds `maru twin serve`: one simulated engine behind the HTTP surface of vLLM, until it is told to stop. */
export function addServe(twin: Commander, { io }: CliContext): void {
  twin
    .command('serve')
    .description('serve one simulated engine over HTTP, as vLLM would')
    .option('--port <number>', 'port; 0 takes any free one', '8000')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--profile <name>', 'timing profile: a name, or a file of maru twin fit', 'h100-llama-3.1-8b')
    .option('--name <name>', 'name of the model', 'sim')
    .option('--speed <factor>', 'lets time pass faster', '1')
    .option('--kv-blocks <number>', 'KV blocks of 16 tokens; what the profile holds where absent')
    .option('--ranks <number>', 'ranks of data parallelism: schedulers with a cache each', '1')
    .option('--kv-events-config <json>', 'publish KV events over ZMQ, with the configuration of vLLM')
    .option('--faults', 'let requests fail on purpose by the header x-maru-twin-fault', false)
    .option('--fault-schedule <file>', 'YAML file that says what befalls the server, and when')
    .action(async (flags: Flags) => {
      const clock = createSystemClock();
      const ids = createIds(() => clock.nowMs());
      const ranks = number(flags.ranks, '--ranks', 1);
      const profile = await profileOf(flags.profile);
      const schedule = flags.faultSchedule === undefined ? [] : parseFaultSchedule(await textOf(flags.faultSchedule), flags.faultSchedule);
      const settings = {
        speed: number(flags.speed, '--speed', 1e-6),
        blockSize: BLOCK_TOKENS,
        ...(flags.kvBlocks === undefined ? {} : { kvBlocks: number(flags.kvBlocks, '--kv-blocks', 1) }),
      };
      const model = modelKind.schema.safeParse({
        apiVersion: 'maru.dev/v1alpha1',
        kind: 'Model',
        metadata: { name: flags.name },
        spec: { serving: { engine: 'twin', twin: settings, parallelism: { data: ranks } } },
      });
      if (!model.success) throw new PlatformError('usage', { message: `${model.error.issues[0]?.path.join('.')}: ${model.error.issues[0]?.message}` });
      const events =
        flags.kvEventsConfig === undefined ? undefined : await publishKvEvents(flags.kvEventsConfig, { ranks, blockSize: BLOCK_TOKENS, clock, ids });
      const server = await createTwinServer({
        engine: createTwinEngine({ model: model.data, profile, replica: 0, clock, ids, kvEvents: (rank) => events?.logs[rank] }),
        port: number(flags.port, '--port', 0),
        host: flags.host,
        faults: { clock, byHeader: flags.faults, schedule, onFault: (fault) => io.err(`${sentenceOf(fault)}\n`) },
      }).catch(async (error: unknown) => {
        await events?.close();
        throw error;
      });
      const told = (events?.addresses ?? []).map(({ publish, replay }) => `KV events at ${publish}, replay at ${replay}`);
      const notes = [
        ...told,
        ...(flags.faults ? ['requests may fail on purpose'] : []),
        ...(schedule.length === 0 ? [] : [`faults to come: ${schedule.length}`]),
      ];
      io.out(`${[`${server.url} serves "${flags.name}", simulated with ${profile.name}`, ...notes].join('; ')}\n`);
      await new Promise<void>((resolve) => {
        if (io.signal.aborted) resolve();
        else io.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await server.close();
      await events?.close();
    });
}

const profileOf = async (name: string): Promise<TwinProfile> => (/\.(json|ya?ml)$/.test(name) ? parseTwinProfile(await textOf(name), name) : twinProfile(name));

const textOf = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PlatformError('not_found', { message: `can not read ${path}: ${(cause as Error).message}`, cause });
  });

function sentenceOf(fault: ScheduledFault): string {
  switch (fault.kind) {
    case 'crash':
      return `fault: crash, back in ${fault.forMs} ms`;
    case 'hang':
      return `fault: hang for ${fault.forMs} ms`;
    case 'slow':
      return `fault: ${fault.factor} times as slow for ${fault.forMs} ms`;
    case 'xid':
      return `fault: XID ${fault.code}, the GPU is lost`;
    case 'spot-notice':
      return `fault: spot notice, the machine is gone in ${fault.noticeMs} ms`;
  }
}

function number(text: string, name: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least) return value;
  throw new PlatformError('usage', { message: `${name} must be a number of ${least} or more, not "${text}"` });
}
