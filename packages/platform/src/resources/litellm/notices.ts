import { formatPath } from '../parse-resources.ts';
import type { MergedConfig } from './merge-includes.ts';
import type { Path } from './place.ts';

/** Collects what was understood but not taken over, each with its place. */
export interface Notices {
  /** `file:line: path: message`. */
  warn(path: Path, message: string): void;
  readonly list: readonly string[];
}

export function createNotices(config: Pick<MergedConfig, 'placeOf'>): Notices {
  const list: string[] = [];
  return {
    list,
    warn(path, message) {
      const { file, line } = config.placeOf(path);
      const text = `${file}:${line}: ${formatPath(path)}: ${message}`;
      if (!list.includes(text)) list.push(text);
    },
  };
}
