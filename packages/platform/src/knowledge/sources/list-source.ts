import { type Dirent, promises as fs } from 'node:fs';
import { basename, join, matchesGlob, relative, resolve, sep } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import { kindOfName } from '../loaders/detect-kind.ts';
import type { SourceFile, SourceListing, SourceSettings } from './source-file.ts';

const MAX_FILES = 100_000;
const MAX_DEPTH = 64;

/**
 * The documents of one source, in the order of their paths. Entries that start with a dot and `node_modules` are passed over; linked
 * folders are not entered; a linked file counts only when it lies within the source.
 * Throws `not_found` when the source does not exist: an unmounted folder must not empty a base.
 */
export async function listSource(root: string, source: SourceSettings, signal: AbortSignal): Promise<SourceListing> {
  const top = await resolveTop(root, source.path);
  const ignored: { path: string; reason: string }[] = [];
  const candidates = top.isFile ? [{ path: basename(source.path), absolute: top.absolute }] : await walk(top.absolute, signal);
  const files: SourceFile[] = [];
  for (const candidate of candidates) {
    const { path } = candidate;
    if (!top.isFile && !isWanted(path, source)) continue;
    const kind = kindOfName(path);
    if (kind === undefined) {
      ignored.push({ path, reason: 'not a kind of document that can be read' });
      continue;
    }
    const absolute = await fs.realpath(candidate.absolute).catch(() => undefined);
    if (absolute === undefined) ignored.push({ path, reason: 'a link that leads nowhere' });
    else if (!isWithin(top.absolute, absolute)) ignored.push({ path, reason: 'a link that leads out of the source' });
    else files.push({ path, absolute, kind });
  }
  return { files: files.sort((left, right) => (left.path < right.path ? -1 : 1)), ignored };
}

async function resolveTop(root: string, path: string): Promise<{ absolute: string; isFile: boolean }> {
  try {
    const absolute = await fs.realpath(resolve(root, path));
    return { absolute, isFile: (await fs.stat(absolute)).isFile() };
  } catch (cause) {
    throw new PlatformError('not_found', { message: `the source "${path}" does not exist or can not be read; looked in ${root}`, cause, details: { path } });
  }
}

async function walk(top: string, signal: AbortSignal): Promise<{ path: string; absolute: string }[]> {
  const found: { path: string; absolute: string }[] = [];
  const open = [{ folder: top, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    signal.throwIfAborted();
    for (const entry of await readFolder(next.folder, next.folder === top)) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const absolute = join(next.folder, entry.name);
      if (entry.isDirectory() && next.depth < MAX_DEPTH) open.push({ folder: absolute, depth: next.depth + 1 });
      else if (entry.isFile() || (entry.isSymbolicLink() && !(await isFolder(absolute))))
        found.push({ path: relative(top, absolute).split(sep).join('/'), absolute });
      if (found.length > MAX_FILES)
        throw new PlatformError('document_too_large', { message: `the source holds more than ${MAX_FILES} files: choose with "include"` });
    }
  }
  return found;
}

async function readFolder(folder: string, isTop: boolean): Promise<Dirent[]> {
  try {
    return await fs.readdir(folder, { withFileTypes: true });
  } catch (cause) {
    // A folder may go while it is walked, or be closed to us; only the source itself must be there.
    if (!isTop) return [];
    throw new PlatformError('not_found', { message: `the folder ${folder} can not be read: ${(cause as Error).message}`, cause });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await fs.stat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
}

function isWanted(path: string, source: SourceSettings): boolean {
  return source.include.some((glob) => matchesGlob(path, glob)) && !source.exclude.some((glob) => matchesGlob(path, glob));
}

function isWithin(top: string, path: string): boolean {
  return path === top || path.startsWith(top.endsWith(sep) ? top : `${top}${sep}`);
}
