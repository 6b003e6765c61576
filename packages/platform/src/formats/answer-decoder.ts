import { isPlatformError } from '@maru/api/errors';
import { toEvents } from './canonical/answer-events.ts';
import type { CanonicalEvent } from './canonical/event.ts';
import { failure } from './canonical/failure.ts';
import type { Format, StreamDecoder } from './format.ts';

/** Longest answer that is read as a whole. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** Reads a whole answer as the stream that it would have been, for a client that asked an engine for a stream and an engine that gave none. */
export function createAnswerDecoder(format: Format): StreamDecoder {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  return {
    push: (chunk) => {
      if (bytes > MAX_ANSWER_BYTES) return [];
      chunks.push(chunk);
      bytes += chunk.length;
      return bytes > MAX_ANSWER_BYTES ? [broken(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`)] : [];
    },
    end: () => (bytes > MAX_ANSWER_BYTES ? [] : read(format, Buffer.concat(chunks))),
  };
}

function read(format: Format, bytes: Buffer): readonly CanonicalEvent[] {
  try {
    return toEvents(format.decodeAnswer(JSON.parse(bytes.toString('utf8'))));
  } catch (thrown) {
    return [broken(isPlatformError(thrown) ? thrown.message : 'the answer is neither a stream nor JSON')];
  }
}

const broken = (message: string): CanonicalEvent => ({ type: 'error', error: failure('garbage', message) });
