import { formatSse } from '#http';
import type { ClientSink } from '../client-sink.ts';
import type { Lifetime } from '../lifetime.ts';
import { sendFailure } from '../send-failure.ts';
import type { ResponseEvent } from './response-store.ts';
import type { Responses } from './responses.ts';

export interface StreamResponseOptions {
  readonly responses: Responses;
  readonly tenant: string;
  readonly id: string;
  /** Number of the last event that the client has; -1 for none. */
  readonly after: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly lifetime: Lifetime;
}

/** Sends the stream of a kept response. A client that goes leaves the response as it is. Throws `not_found` before anything is sent. */
export async function streamResponse(sink: ClientSink, { responses, tenant, id, after, headers, lifetime }: StreamResponseOptions): Promise<void> {
  await responses.get(tenant, id);
  const time = lifetime.begin();
  try {
    sink.start(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-accel-buffering': 'no', ...headers });
    for await (const events of responses.follow(tenant, id, { after, signal: time.signal })) {
      if (!sink.write(Buffer.from(events.map(toText).join('')))) await drained(sink, time.signal);
    }
    sink.end();
  } catch (thrown) {
    sendFailure(sink, thrown, { shape: 'responses', headers });
  } finally {
    time.end();
  }
}

const toText = (event: ResponseEvent): string => formatSse({ event: String(event['type']), data: JSON.stringify(event) });

const drained = (sink: ClientSink, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    sink.onDrain(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
