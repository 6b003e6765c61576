import type { ClientSink } from '../client-sink.ts';

/**
 * Writes fields into the answer that no engine could know, by the bytes of the field as the engine left it. Inside of a text the quotes
 * of such bytes are escaped, so that nothing else is ever hit. Only whole events and whole bodies pass here.
 */
export function amendSink(inner: ClientSink, from: string, to: string): ClientSink {
  let held: { readonly status: number; readonly headers: Readonly<Record<string, string>> } | undefined;
  const amend = (chunk: Uint8Array): Buffer => {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    return bytes.includes(from) ? Buffer.from(bytes.toString('utf8').replaceAll(from, to)) : bytes;
  };
  return {
    hasStarted: () => held !== undefined || inner.hasStarted(),
    carriesEvents: () => inner.carriesEvents(),
    start(status, headers) {
      // A whole body follows at once, and its length changes.
      if (headers['content-length'] !== undefined) held = { status, headers };
      else inner.start(status, headers);
    },
    write: (chunk) => inner.write(amend(chunk)),
    onDrain: (callback) => inner.onDrain(callback),
    end(chunk) {
      const last = chunk === undefined ? undefined : amend(chunk);
      if (held !== undefined) inner.start(held.status, { ...held.headers, 'content-length': String(last?.length ?? 0) });
      held = undefined;
      inner.end(last);
    },
    cut: (error) => inner.cut(error),
  };
}
