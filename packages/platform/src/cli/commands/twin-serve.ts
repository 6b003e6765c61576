import { PlatformError } from '@maru/api/errors';
import { modelKind } from '@maru/api/resources';
import type { Command as Commander } from 'commander';
import { createTwinEngine, createTwinServer, twinProfile } from '#engines';
import { createIds, createSystemClock } from '#time';
import type { CliContext } from '../command.ts';

interface Flags {
  readonly port: string;
  readonly host: string;
  readonly profile: string;
  readonly name: string;
  readonly speed: string;
  readonly kvBlocks?: string;
  readonly faults: boolean;
}

/** Adds `maru twin serve`: one simulated engine behind the HTTP surface of vLLM, until it is told to stop. */
export function addServe(twin: Commander, { io }: CliContext): void {
  twin
    .command('serve')
    .description('serve one simulated engine over HTTP, as vLLM would')
    .option('--port <number>', 'port; 0 takes any free one', '8000')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--profile <name>', 'timing profile', 'h100-llama-3.1-8b')
    .option('--name <name>', 'name of the model', 'sim')
    .option('--speed <factor>', 'lets time pass faster', '1')
    .option('--kv-blocks <number>', 'KV blocks of 16 tokens; what the profile holds where absent')
    .option('--faults', 'let requests fail on purpose by the header x-maru-twin-fault', false)
    .action(async (flags: Flags) => {
      const clock = createSystemClock();
      const settings = {
        profile: twinProfile(flags.profile).name,
        speed: number(flags.speed, '--speed', 1e-6),
        ...(flags.kvBlocks === undefined ? {} : { kvBlocks: number(flags.kvBlocks, '--kv-blocks', 1) }),
      };
      const model = modelKind.schema.safeParse({
        apiVersion: 'maru.dev/v1alpha1',
        kind: 'Model',
        metadata: { name: flags.name },
        spec: { serving: { engine: 'twin', twin: settings } },
      });
      if (!model.success) throw new PlatformError('usage', { message: `${model.error.issues[0]?.path.join('.')}: ${model.error.issues[0]?.message}` });
      const server = await createTwinServer({
        engine: createTwinEngine({ model: model.data, replica: 0, clock, ids: createIds(() => clock.nowMs()) }),
        port: number(flags.port, '--port', 0),
        host: flags.host,
        ...(flags.faults ? { faults: clock } : {}),
      });
      io.out(`${server.url} serves "${flags.name}", simulated with ${settings.profile}${flags.faults ? '; requests may fail on purpose' : ''}\n`);
      await new Promise<void>((resolve) => {
        if (io.signal.aborted) resolve();
        else io.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await server.close();
    });
}

function number(text: string, name: string, least: number): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least) return value;
  throw new PlatformError('usage', { message: `${name} must be a number of ${least} or more, not "${text}"` });
}
