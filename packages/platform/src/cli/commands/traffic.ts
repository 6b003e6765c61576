import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { PlatformError } from '@maru/api/errors';
import { durationToMs } from '@maru/api/resources';
import type { ClientFlags } from '#config';
import { clientOf, type RegisterCommand, withServer } from '../command.ts';

interface Flags extends ClientFlags {
  readonly since: string;
  readonly model?: string;
  readonly tenant?: string;
  readonly out?: string;
}

export const registerTraffic: RegisterCommand = (program, { io }) => {
  const traffic = program.command('traffic').description('recorded traffic of the gateway');
  withServer(
    traffic
      .command('export')
      .description('write recorded calls as a trace for maru simulate: times, lengths and which prompts begin alike; no text')
      .option('--since <duration>', 'how far back, such as 90m or 7d', '24h')
      .option('--model <name>', 'only calls that this model has answered')
      .option('--tenant <name>', 'only calls of this tenant')
      .option('--out <file>', 'file to write (default: standard output)'),
  ).action(async (flags: Flags) => {
    const query = new URLSearchParams({ sinceMs: String(sinceMs(flags.since)) });
    if (flags.model !== undefined) query.set('model', flags.model);
    if (flags.tenant !== undefined) query.set('tenant', flags.tenant);
    const body = await clientOf(flags).download({ path: `/api/v1/traffic?${query.toString()}`, signal: io.signal });
    if (flags.out === undefined) for await (const text of body) io.out(text);
    else await pipeline(body, createWriteStream(flags.out), { signal: io.signal });
  });
};

function sinceMs(text: string): number {
  if (/^\d+(ms|s|m|h|d)$/.test(text)) return durationToMs(text);
  throw new PlatformError('usage', { message: `--since must be a duration such as 90m, 24h or 7d, not "${text}"` });
}
