import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** Where draining goes on: everything before this place has been handled. */
export interface SpoolCursor {
  readonly segment: number;
  readonly offset: number;
}

const cursorPath = (folder: string): string => join(folder, 'cursor');

/** Replaces the cursor in one step: a reader sees the old or the new one, never half of it. */
export function writeCursor(folder: string, cursor: SpoolCursor): void {
  const temporary = `${cursorPath(folder)}.new`;
  const text = `${cursor.segment} ${cursor.offset}`;
  writeFileSync(temporary, `${text} ${crc32(text)}\n`);
  renameSync(temporary, cursorPath(folder));
}

/** The cursor as it was written, `absent` in a new folder, or `corrupt`. */
export function readCursor(folder: string): SpoolCursor | 'absent' | 'corrupt' {
  const text = readText(cursorPath(folder));
  if (text === undefined) return 'absent';
  const match = /^((\d{1,15}) (\d{1,15})) (\d{1,10})\n$/.exec(text);
  if (match === null || crc32(match[1] ?? '') !== Number(match[4])) return 'corrupt';
  return { segment: Number(match[2]), offset: Number(match[3]) };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
