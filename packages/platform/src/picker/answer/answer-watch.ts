import type { Usage } from '@maru/api/records';
import { readReport } from './read-report.ts';

/** Where an answer says what it used: in its last bytes, and for some formats in its first event. */
const TAIL_BYTES = 16 * 1024;
const HEAD_BYTES = 4 * 1024;

/** Looks at the bytes of an answer as they pass. */
export interface AnswerWatch {
  push(chunk: Uint8Array): void;
  /** What the engine says that it used; undefined where it says nothing that can be read. */
  usage(): Usage | undefined;
}

/** Watches one answer with a bounded memory: what stands in the middle of a long one is not looked at. */
export function watchAnswer(): AnswerWatch {
  let head = Buffer.alloc(0);
  let tail: Uint8Array[] = [];
  let tailBytes = 0;
  return {
    push(chunk) {
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      tail.push(chunk);
      tailBytes += chunk.length;
      while (tail.length > 1 && tailBytes - (tail[0]?.length ?? 0) >= TAIL_BYTES) tailBytes -= tail.shift()?.length ?? 0;
    },
    usage() {
      const end = Buffer.concat(tail).subarray(-TAIL_BYTES);
      tail = [];
      return readReport(head.toString('utf8'), end.toString('utf8'));
    },
  };
}
