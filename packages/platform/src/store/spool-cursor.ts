import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** Where draining goes on: everything before this place has been handled. */
export interface SpoolCursor {
  readonly segment: number;
  readonly offset: number;
}

const SLOT_BYTES = 64;
const cursorPath = (folder: string): string => join(folder, 'cursor');

/**
 * The cursor on disk: two places in one file that are written in turn, so that the older one is whole while the newer one is written.
 * One small write for each batch; renaming a file in place of it costs the file system a hundred times as much.
 */
export class CursorFile {
  readonly #folder: string;
  #file: number | undefined;
  #turn: number;

  /** `turn` is that of the cursor that was read. */
  constructor(folder: string, turn: number) {
    this.#folder = folder;
    this.#turn = turn;
  }

  write(cursor: SpoolCursor): void {
    this.#file ??= openSync(cursorPath(this.#folder), constants.O_RDWR | constants.O_CREAT, 0o600);
    const turn = this.#turn + 1;
    const text = `${turn} ${cursor.segment} ${cursor.offset}`;
    const slot = Buffer.from(`${`${text} ${crc32(text)}`.padEnd(SLOT_BYTES - 1)}\n`, 'latin1');
    writeSync(this.#file, slot, 0, SLOT_BYTES, (turn % 2) * SLOT_BYTES);
    this.#turn = turn;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** A cursor as it was read, and which write it came from. */
export interface StoredCursor {
  readonly cursor: SpoolCursor;
  readonly turn: number;
}

/** The newest cursor that is whole, `absent` in a new folder, or `corrupt`. */
export function readCursor(folder: string): StoredCursor | 'absent' | 'corrupt' {
  const text = readText(cursorPath(folder));
  if (text === undefined || text === '') return 'absent';
  const slots = [text.slice(0, SLOT_BYTES), text.slice(SLOT_BYTES, 2 * SLOT_BYTES)].flatMap((slot) => parseSlot(slot) ?? []);
  return slots.reduce<StoredCursor | undefined>((newest, slot) => (newest === undefined || slot.turn > newest.turn ? slot : newest), undefined) ?? 'corrupt';
}

function parseSlot(slot: string): StoredCursor | undefined {
  const match = /^((\d{1,15}) (\d{1,15}) (\d{1,15})) (\d{1,10}) *\n$/.exec(slot);
  if (match === null || crc32(match[1] ?? '') !== Number(match[5])) return undefined;
  return { turn: Number(match[2]), cursor: { segment: Number(match[3]), offset: Number(match[4]) } };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
