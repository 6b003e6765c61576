import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PlatformError } from '@maru/api/errors';
import { toStorageError } from './storage-error.ts';

/** The data folder belongs to this process until it is released or the process ends, however it ends. */
export interface DataDirLock {
  release(): void;
}

/**
 * Makes the folder when it is missing and takes it for this process alone. The operating system holds the lock, so that a
 * killed process never leaves one behind; the file `maru.pid` only says to people who holds it.
 * Throws `data_dir_locked` (naming the pid), `data_dir_unusable` or `storage_full`.
 */
export function lockDataDir(folder: string, startedMs: number): DataDirLock {
  makeFolder(folder);
  const database = openLock(folder);
  try {
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE;');
  } catch (cause) {
    database.close();
    // SQLITE_BUSY: somebody else is inside.
    if (((cause as { errcode?: number }).errcode ?? 0) % 256 === 5) throw lockedError(folder);
    throw unusable(folder, cause);
  }
  try {
    writeFileSync(pidPath(folder), `${JSON.stringify({ pid: process.pid, startedMs })}\n`, { mode: 0o644 });
  } catch (cause) {
    database.close();
    throw unusable(folder, cause);
  }
  HELD.add(database);
  return {
    release: () => {
      if (HELD.delete(database)) database.close();
    },
  };
}

// A handle that nobody refers to is closed by the garbage collector, and the lock with it.
const HELD = new Set<DatabaseSync>();

const pidPath = (folder: string): string => join(folder, 'maru.pid');

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

function openLock(folder: string): DatabaseSync {
  try {
    return new DatabaseSync(join(folder, 'maru.lock'), { timeout: 0 });
  } catch (cause) {
    throw unusable(folder, cause);
  }
}

function unusable(folder: string, cause: unknown): PlatformError {
  const known = toStorageError(cause, `the data folder "${folder}"`);
  if (known.code === 'storage_full') return known;
  const { code, errstr } = cause as { code?: string; errstr?: string };
  return new PlatformError('data_dir_unusable', {
    message: `the data folder "${folder}" can not be written (${errstr ?? code ?? 'unknown cause'}): correct its rights, or choose another with --data-dir`,
    cause,
  });
}

function lockedError(folder: string): PlatformError {
  const holder = readHolder(folder);
  const who = holder === undefined ? 'another process' : `the process ${holder.pid} (since ${new Date(holder.startedMs).toISOString()})`;
  return new PlatformError('data_dir_locked', {
    message: `the data folder "${folder}" is in use by ${who}: stop it, or choose another with --data-dir`,
    details: holder === undefined ? {} : { pid: holder.pid },
  });
}

function readHolder(folder: string): { pid: number; startedMs: number } | undefined {
  try {
    const { pid, startedMs } = JSON.parse(readFileSync(pidPath(folder), 'utf8')) as { pid?: unknown; startedMs?: unknown };
    return Number.isSafeInteger(pid) && Number.isSafeInteger(startedMs) ? { pid: pid as number, startedMs: startedMs as number } : undefined;
  } catch {
    return undefined;
  }
}
