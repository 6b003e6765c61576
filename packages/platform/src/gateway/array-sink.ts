import type { ClientSink } from './client-sink.ts';

/**
 * Gives the events of a stream as the items of one JSON array, as Google does where `alt=sse` was not asked for. The array is closed
 * only when the answer is complete. Only whole events pass here.
 */
export function arraySink(inner: ClientSink): ClientSink {
  let items = 0;
  let events = false;
  const toItems = (chunk: Uint8Array): string => {
    let text = '';
    for (const line of Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('utf8').split('\n')) {
      if (!line.startsWith('data:')) continue;
      text += (items === 0 ? '[' : ',\r\n') + line.slice(5).trim();
      items += 1;
    }
    return text;
  };
  return {
    hasStarted: () => inner.hasStarted(),
    carriesEvents: () => events,
    start(status, headers) {
      events = headers['content-type']?.startsWith('text/event-stream') === true;
      inner.start(status, events ? { ...headers, 'content-type': 'application/json; charset=utf-8' } : headers);
    },
    write: (chunk) => inner.write(events ? Buffer.from(toItems(chunk)) : chunk),
    onDrain: (callback) => inner.onDrain(callback),
    end(chunk) {
      if (!events || chunk === undefined) {
        inner.end(chunk);
        return;
      }
      const text = toItems(chunk);
      inner.end(Buffer.from(isError(chunk) ? text : `${text}]`));
    },
    cut: (error) => inner.cut(error),
  };
}

const isError = (chunk: Uint8Array): boolean => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('utf8').startsWith('data: {"error":');
