import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { PlatformError } from '@maru/api/errors';

const CHUNK_BYTES = 256 * 1024;
/** No line of a trace comes near: a prompt of ten million tokens has 20,000 blocks. */
const MAX_LINE_CHARACTERS = 16 * 1024 * 1024;

/**
 * The lines of a file, one piece of it in memory at a time; blocks while it reads, as a simulation does anyway.
 * Throws `not_found` where there is no such file, and `invalid_request` for a line without end.
 */
export function* readLines(path: string): Generator<string> {
  const file = open(path);
  try {
    const decoder = new StringDecoder('utf8');
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest = '';
    for (let bytes = readSync(file, chunk); bytes > 0; bytes = readSync(file, chunk)) {
      const lines = (rest + decoder.write(chunk.subarray(0, bytes))).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      if (rest.length > MAX_LINE_CHARACTERS)
        throw new PlatformError('invalid_request', { message: `a line of ${path} is longer than ${MAX_LINE_CHARACTERS} characters` });
    }
    rest += decoder.end();
    if (rest !== '') yield rest;
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new PlatformError('not_found', { message: `can not read the trace ${path}: ${(cause as Error).message}`, cause });
  }
}
