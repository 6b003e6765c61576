import { ByteQueue, type ByteSink } from '#http';

/** Lets a paused flow go on. */
export interface Flow {
  resume(): void;
}

/** Sends a body into a sink, with backpressure; without a promise per chunk where the body is a queue. */
export function pumpBody(body: AsyncIterable<Uint8Array>, sink: ByteSink & { readonly closed: boolean }): Flow {
  if (body instanceof ByteQueue) {
    body.attach(sink);
    return body;
  }
  let wake: (() => void) | undefined;
  void pump();
  return { resume: () => wake?.() };

  async function pump(): Promise<void> {
    try {
      for await (const chunk of body) {
        const room = sink.write(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        if (sink.closed) return;
        if (!room) await new Promise<void>((resolve) => (wake = resolve));
      }
      sink.end();
    } catch (error) {
      sink.fail(error);
    }
  }
}
