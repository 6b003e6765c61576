import { basename, extname } from 'node:path';

/** A title for a document that has none: its file name without the ending. */
export function titleOfPath(path: string): string {
  return basename(path, extname(path)).replace(/[_-]+/g, ' ');
}
