import { PlatformError } from '@maru/api/errors';
import type { ClientSink } from '../client-sink.ts';
import type { Incoming } from '../open-call.ts';
import { type Idempotency, type KeptAnswer, MAX_KEPT_BYTES, type OwnRequest } from './idempotency.ts';

/** Keys are opaque to us; this is what fits into a header and a log of the client. */
const KEY = /^[\x21-\x7e]{1,255}$/;

export interface RunOnceTools {
  readonly idempotency: Idempotency;
  readonly run: (incoming: Incoming) => Promise<void>;
}

/** The key of a request; throws `invalid_request` for one that is none. */
export function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && KEY.test(header)) return header;
  throw new PlatformError('invalid_request', {
    message: '"idempotency-key" must be 1 to 255 printable characters without spaces',
    details: { param: 'idempotency-key' },
  });
}

/** Carries a request out, or gives the answer that its key had before. Throws what {@link Idempotency.enter} throws. */
export async function runOnce(incoming: Incoming & { readonly body: Buffer }, key: string, tools: RunOnceTools): Promise<void> {
  const { lifetime, principal, requestId, url = '' } = incoming;
  const controller = new AbortController();
  const time = lifetime.begin();
  time.onAbort((reason) => controller.abort(reason));
  try {
    const entered = await tools.idempotency.enter({ tenant: principal.tenant, key, requestId, path: url, body: incoming.body, signal: controller.signal });
    if ('kept' in entered) replay(incoming.sink, entered.kept, requestId);
    else await carryOut(incoming, entered.own, tools);
  } finally {
    time.end();
  }
}

async function carryOut(incoming: Incoming, own: OwnRequest, { run }: RunOnceTools): Promise<void> {
  const seen: Seen = { cached: false, contentType: 'application/json; charset=utf-8', pieces: [], size: 0, ended: false };
  try {
    await run({
      ...incoming,
      sink: watch(incoming.sink, seen),
      onComplete: async (last) => {
        await incoming.onComplete?.(last);
        // Before the client has its last bytes: an answer that a client has can always be given again.
        await own.finish({ contentType: seen.contentType, bytes: Buffer.concat([...seen.pieces, last]) });
      },
    });
    // An answer of the cache comes without having been completed here.
    if (seen.ended && seen.cached) await own.finish({ contentType: seen.contentType, bytes: Buffer.concat(seen.pieces) });
  } finally {
    await own.release();
  }
}

interface Seen {
  cached: boolean;
  contentType: string;
  pieces: Buffer[];
  size: number;
  ended: boolean;
}

/** Remembers what was sent. */
function watch(sink: ClientSink, seen: Seen): ClientSink {
  const keep = (chunk: Uint8Array): void => {
    seen.size += chunk.length;
    if (seen.size <= MAX_KEPT_BYTES) seen.pieces.push(Buffer.from(chunk));
    // One byte too many is enough to tell that it is too large.
    else seen.pieces = [Buffer.alloc(MAX_KEPT_BYTES + 1)];
  };
  return {
    hasStarted: () => sink.hasStarted(),
    carriesEvents: () => sink.carriesEvents(),
    start: (status, headers) => {
      seen.cached = headers['x-maru-cache']?.endsWith('hit') === true;
      seen.contentType = headers['content-type'] ?? seen.contentType;
      sink.start(status, headers);
    },
    write: (chunk) => {
      keep(chunk);
      return sink.write(chunk);
    },
    onDrain: (callback) => sink.onDrain(callback),
    end: (chunk) => {
      if (chunk !== undefined) keep(chunk);
      seen.ended = true;
      sink.end(chunk);
    },
    cut: (error) => sink.cut(error),
  };
}

function replay(sink: ClientSink, { requestId, contentType, bytes }: KeptAnswer, own: string): void {
  sink.start(200, {
    'content-type': contentType,
    ...(contentType.startsWith('text/event-stream') ? { 'cache-control': 'no-cache' } : { 'content-length': String(bytes.length) }),
    'x-request-id': own,
    'x-maru-original-request-id': requestId,
    'idempotency-replayed': 'true',
  });
  sink.end(bytes);
}
