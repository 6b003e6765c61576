import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { createKvEventLog, type KvEventLog, type KvEventPublisher, openKvEventPublisher } from '#engines';
import type { Clock, Ids } from '#time';

/** What vLLM takes as `--kv-events-config`, as far as it matters here. */
const configSchema = z.looseObject({
  enable_kv_cache_events: z.boolean().default(false),
  publisher: z.enum(['zmq', 'null']).default('zmq'),
  endpoint: z
    .string()
    .regex(/^tcp:\/\/.+:\d{1,5}$/, 'must be an address such as tcp://*:5557')
    .default('tcp://*:5557'),
  replay_endpoint: z
    .string()
    .regex(/^tcp:\/\/.+:\d{1,5}$/, 'must be an address such as tcp://*:5558')
    .nullish(),
  buffer_steps: z.number().int().min(1).max(1_000_000).default(10_000),
  topic: z.string().max(200).default(''),
});

/** The KV events of a served twin, one publisher for each rank. */
export interface PublishedKvEvents {
  readonly logs: readonly KvEventLog[];
  /** Where they are to be had. */
  readonly addresses: readonly { readonly publish: string; readonly replay: string }[];
  close(): Promise<void>;
}

export interface PublishKvEventsOptions {
  readonly ranks: number;
  readonly blockSize: number;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Publishes KV events as vLLM does with this `--kv-events-config`: each rank on the port of the first one and its number. Undefined where the
 * configuration asks for none. Throws `usage` for one that is wrong or whose addresses are taken.
 */
export async function publishKvEvents(config: string, { ranks, blockSize, clock, ids }: PublishKvEventsOptions): Promise<PublishedKvEvents | undefined> {
  const { enable_kv_cache_events: enabled, publisher, endpoint, replay_endpoint: replay, buffer_steps: keep, topic } = parsed(config);
  if (!enabled || publisher === 'null') return undefined;
  const open: KvEventPublisher[] = [];
  const logs: KvEventLog[] = [];
  const close = async (): Promise<void> => void (await Promise.all(open.map((each) => each.close())));
  try {
    for (let rank = 0; rank < ranks; rank += 1) {
      const log = createKvEventLog({
        blockSize,
        keep,
        rank,
        nowMs: () => clock.nowMs(),
        seed: Math.floor(ids.random() * 2 ** 32),
        // What happens in one step of the engine is one message.
        onPending: () => queueMicrotask(() => open[rank]?.publish()),
      });
      logs.push(log);
      open.push(await openKvEventPublisher({ log, topic, publish: addressOf(endpoint, rank), replay: replay == null ? ANY : addressOf(replay, rank) }));
    }
  } catch (cause) {
    await close();
    throw new PlatformError('usage', { message: `--kv-events-config: can not publish at ${endpoint}: ${(cause as Error).message}`, cause });
  }
  return { logs, addresses: open.map(({ publishAddress, replayAddress }) => ({ publish: publishAddress, replay: replayAddress })), close };
}

/** Nobody was told of it, so nobody asks there. */
const ANY = 'tcp://127.0.0.1:0';

function parsed(text: string): z.infer<typeof configSchema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PlatformError('usage', { message: '--kv-events-config must be JSON, as vLLM takes it', cause });
  }
  const read = configSchema.safeParse(value);
  if (read.success) return read.data;
  throw new PlatformError('usage', { message: `--kv-events-config: ${z.prettifyError(read.error).replaceAll('\n', ' ')}` });
}

/** Port 0 takes any free one for each rank. */
function addressOf(endpoint: string, rank: number): string {
  const colon = endpoint.lastIndexOf(':');
  const port = Number(endpoint.slice(colon + 1));
  return `${endpoint.slice(0, colon)}:${port === 0 ? 0 : port + rank}`;
}
