import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isPlatformError, PlatformError } from '@maru/api/errors';
import { createUpstream } from '#http';
import { MAX_LINE_BYTES } from '#router';
import type { Log } from '#telemetry';
import { backoffMs, type Clock, type Ids, repeat } from '#time';
import type { ExchangeHub } from './exchange-hub.ts';
import { EXCHANGE_PATH } from './serve-exchange.ts';

export interface FollowPeersOptions {
  /** Origins of the other replicas; a name stands for all addresses that it has, also that of this replica itself. */
  readonly peers: readonly string[];
  readonly hub: Pick<ExchangeHub, 'hear'>;
  readonly masterKey: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

const LOOK_EVERY_MS = 5000;
const CONNECT_MS = 5000;
/** Every replica gives a sign of life twice a second. */
const SILENT_MS = 5000;
const BACKOFF = { baseMs: 200, maxMs: 5000 };

/** Listens to the routers of all other replicas, again and again, until it is closed. */
export function followPeers(options: FollowPeersOptions): { close(): Promise<void> } {
  const { clock, log } = options;
  const followed = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();
  const look = async (): Promise<void> => {
    const origins = new Set((await Promise.all(options.peers.map((peer) => addressesOf(peer, log)))).flat());
    for (const [origin, { stop }] of followed) {
      if (origins.has(origin)) continue;
      stop.abort();
      followed.delete(origin);
    }
    for (const origin of origins) {
      if (followed.has(origin)) continue;
      const stop = new AbortController();
      followed.set(origin, { stop, done: followPeer(origin, options, stop.signal) });
    }
  };
  const looking = repeat(clock, LOOK_EVERY_MS, look);
  const first = look();
  return {
    close: async () => {
      await looking.stop();
      await first;
      const all = [...followed.values()];
      for (const { stop } of all) stop.abort();
      await Promise.all(all.map(({ done }) => done));
    },
  };
}

/** A name that can not be resolved now may be known later. */
async function addressesOf(peer: string, log: Log): Promise<readonly string[]> {
  const url = new URL(peer);
  if (url.protocol !== 'http:' || isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0) return [url.origin];
  try {
    const found = await lookup(url.hostname, { all: true });
    return found.map(({ address, family }) => `http://${family === 6 ? `[${address}]` : address}:${url.port === '' ? 80 : url.port}`);
  } catch (error) {
    log.debug({ peer, err: error }, 'the name of a replica is not known');
    return [];
  }
}

async function followPeer(origin: string, { hub, masterKey, clock, ids, log }: FollowPeersOptions, signal: AbortSignal): Promise<void> {
  const upstream = createUpstream({ origin, connectTimeoutMs: CONNECT_MS, headersTimeoutMs: CONNECT_MS, bodyTimeoutMs: SILENT_MS, connections: 1 });
  let failures = 0;
  while (!signal.aborted) {
    try {
      const { status, body } = await upstream.request({
        method: 'GET',
        path: EXCHANGE_PATH,
        headers: { authorization: `Bearer ${masterKey}`, accept: 'application/x-ndjson' },
        cancel: { signal },
      });
      if (status !== 200) throw new PlatformError('upstream_rejected', { message: `the replica at ${origin} answered with status ${status}` });
      failures = 0;
      for await (const line of linesOf(body)) hub.hear(line);
    } catch (error) {
      if (!isPlatformError(error)) throw error;
      if (failures === 0 && !signal.aborted) log.info({ origin, code: error.code }, 'a replica can not be heard: it is tried again');
    }
    failures += 1;
    const waitMs = backoffMs(Math.min(failures, 10), { ...BACKOFF, random: () => ids.random() });
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }
  await upstream.close();
}

/** Whole lines, each as soon as it has come. Throws `upstream_garbage` for one that does not end. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    let rest = Buffer.from(chunk);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8');
      parts = [];
      size = 0;
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) parts.push(rest);
    size += rest.length;
    if (size > MAX_LINE_BYTES) throw new PlatformError('upstream_garbage', { message: `a replica has sent a line of more than ${MAX_LINE_BYTES} bytes` });
  }
}
