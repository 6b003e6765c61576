import { PlatformError } from '@maru/api/errors';

export interface FileLine {
  /** Of the line in the file, from 0, empty ones included. */
  readonly number: number;
  readonly startByte: number;
  /** First byte after the line, without its end. */
  readonly endByte: number;
  readonly bytes: Buffer;
}

const FEED = 10;

/** The lines of a file that are not empty. Throws `body_too_large` for one that is longer than `maxLineBytes`. */
export async function* readLines(source: AsyncIterable<Uint8Array>, maxLineBytes: number): AsyncGenerator<FileLine, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let restAt = 0;
  let number = 0;
  const toLine = (bytes: Buffer, startByte: number): FileLine | undefined => {
    const line = { number, startByte, endByte: startByte + bytes.length, bytes };
    number += 1;
    return bytes.toString('latin1').trim() === '' ? undefined : line;
  };
  for await (const chunk of source) {
    const data = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = data.indexOf(FEED); end >= 0; end = data.indexOf(FEED, from)) {
      const line = toLine(data.subarray(from, end), restAt + from);
      from = end + 1;
      if (line !== undefined) yield checked(line, maxLineBytes);
    }
    rest = data.subarray(from);
    restAt += from;
    if (rest.length > maxLineBytes) throw tooLong(number, maxLineBytes);
  }
  const last = toLine(rest, restAt);
  if (last !== undefined) yield checked(last, maxLineBytes);
}

function checked(line: FileLine, maxLineBytes: number): FileLine {
  if (line.bytes.length > maxLineBytes) throw tooLong(line.number, maxLineBytes);
  return line;
}

const tooLong = (number: number, limitBytes: number): PlatformError =>
  new PlatformError('body_too_large', { message: `line ${number + 1} is longer than ${limitBytes} bytes`, details: { line: number + 1 } });
