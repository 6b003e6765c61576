import { basename, resolve } from 'node:path';
import { listSource } from './list-source.ts';
import type { SourceFile, SourceListing, SourceSettings } from './source-file.ts';

/**
 * The documents of all sources. A path that an earlier source took gets the name of its source's folder in front, then a number,
 * so that names do not depend on what else a folder holds. One file that two sources name counts once.
 */
export async function listSources(root: string, sources: readonly SourceSettings[], signal: AbortSignal): Promise<SourceListing> {
  const byPath = new Map<string, SourceFile>();
  const seen = new Set<string>();
  const ignored: SourceListing['ignored'][number][] = [];
  for (const source of sources) {
    const listing = await listSource(root, source, signal);
    ignored.push(...listing.ignored);
    const folder = basename(resolve(root, source.path));
    for (const file of listing.files) {
      if (seen.has(file.absolute)) continue;
      seen.add(file.absolute);
      const path = freePath(byPath, file.path, folder);
      byPath.set(path, { ...file, path });
    }
  }
  return { files: [...byPath.values()], ignored };
}

function freePath(taken: ReadonlyMap<string, SourceFile>, path: string, folder: string): string {
  if (!taken.has(path)) return path;
  const named = `${folder}/${path}`;
  let free = named;
  for (let number = 2; taken.has(free); number += 1) free = `${named}~${number}`;
  return free;
}
