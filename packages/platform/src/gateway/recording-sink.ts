import type { AnswerPiece } from '#cache';
import type { Clock } from '#time';
import type { ClientSink } from './client-sink.ts';

/** What has been sent to a client, kept on its way. */
export interface Recording {
  readonly sink: ClientSink;
  /** The whole answer; undefined when it was no success, has not ended, or was larger than the limit. */
  taken(): { readonly contentType: string; readonly pieces: readonly AnswerPiece[] } | undefined;
}

/** Passes everything on and remembers it, up to `maxBytes`. `headers` are added to those of the answer. */
export function recordSink(
  inner: ClientSink,
  options: { readonly clock: Clock; readonly maxBytes: number; readonly headers: Readonly<Record<string, string>> },
): Recording {
  const { clock, maxBytes } = options;
  let pieces: AnswerPiece[] = [];
  let size = 0;
  let firstMs: number | undefined;
  let contentType = '';
  let ended = false;
  let usable = false;

  const keep = (chunk: Uint8Array): void => {
    if (!usable || chunk.length === 0) return;
    size += chunk.length;
    if (size > maxBytes) {
      usable = false;
      pieces = [];
      return;
    }
    firstMs ??= clock.monotonicMs();
    // A copy: what the relay hands over may be a slice of a larger buffer.
    pieces.push({ afterMs: Math.round(clock.monotonicMs() - firstMs), bytes: Buffer.from(chunk) });
  };

  return {
    sink: {
      hasStarted: () => inner.hasStarted(),
      carriesEvents: () => inner.carriesEvents(),
      cut(error) {
        usable = false;
        inner.cut(error);
      },
      start(status, headers) {
        usable = status === 200;
        contentType = headers['content-type'] ?? '';
        inner.start(status, { ...headers, ...options.headers });
      },
      write(chunk) {
        keep(chunk);
        return inner.write(chunk);
      },
      onDrain: (callback) => inner.onDrain(callback),
      end(chunk) {
        if (chunk !== undefined) keep(chunk);
        ended = true;
        inner.end(chunk);
      },
    },
    taken: () => (usable && ended ? { contentType, pieces } : undefined),
  };
}
