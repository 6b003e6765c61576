import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ResourceProblem } from '@maru/api/wire';
import { type ConfigSource, readConfigSource } from './config-source.ts';
import type { Path, Place } from './place.ts';

/** A configuration with everything that it includes. */
export interface MergedConfig {
  readonly value: Readonly<Record<string, unknown>>;
  /** Every file that was read, the main one first. */
  readonly files: readonly string[];
  readonly problems: readonly ResourceProblem[];
  placeOf(path: Path): Place;
}

const MAX_INCLUDES = 100;

/** Where a piece of a merged block came from: entries of a list from `offset` on stand in `source` from 0 on. */
interface Piece {
  readonly source: ConfigSource;
  readonly offset: number;
}

/**
 * Reads what `include` names, next to the file that includes it: lists are joined, every other block is replaced by the
 * included one. A file is read once.
 */
export async function mergeIncludes(main: ConfigSource): Promise<MergedConfig> {
  const merged: Record<string, unknown> = {};
  const pieces = new Map<string, Piece[]>();
  const files = [main.file];
  const problems: ResourceProblem[] = [];

  const add = (source: ConfigSource): void => {
    for (const [block, value] of Object.entries(source.value)) {
      if (block === 'include') continue;
      const before = merged[block];
      const joins = Array.isArray(before) && Array.isArray(value);
      merged[block] = joins ? [...(before as unknown[]), ...(value as unknown[])] : value;
      const piece = { source, offset: joins ? (before as unknown[]).length : 0 };
      pieces.set(block, joins ? [...(pieces.get(block) ?? []), piece] : [piece]);
    }
  };

  add(main);
  const waiting = includesOf(main, problems);
  while (waiting.length > 0) {
    const next = waiting.shift();
    if (next === undefined || files.includes(next.path)) continue;
    const refuse = (message: string): void => void problems.push({ ...next.place, path: 'include', code: 'not_found', message });
    if (files.length >= MAX_INCLUDES) {
      refuse(`more than ${MAX_INCLUDES} files are included`);
      break;
    }
    const text = await readFile(next.path, 'utf8').catch(() => undefined);
    if (text === undefined) {
      refuse(`the included file "${next.path}" can not be read`);
      continue;
    }
    files.push(next.path);
    const source = readConfigSource(text, next.path);
    if ('value' in source) {
      add(source);
      waiting.push(...includesOf(source, problems));
    } else problems.push(...source);
  }

  return {
    value: merged,
    files,
    problems,
    placeOf: (path) => {
      const [block, index, ...rest] = path;
      const candidates = pieces.get(String(block)) ?? [];
      const piece = candidates.findLast((each) => typeof index !== 'number' || index >= each.offset) ?? { source: main, offset: 0 };
      if (typeof index !== 'number') return piece.source.placeOf(path);
      return piece.source.placeOf([String(block), index - piece.offset, ...rest]);
    },
  };
}

function includesOf(source: ConfigSource, problems: ResourceProblem[]): { path: string; place: Place }[] {
  const { include } = source.value;
  if (include === undefined || include === null) return [];
  if (!Array.isArray(include) || include.some((entry) => typeof entry !== 'string')) {
    problems.push({ ...source.placeOf(['include']), path: 'include', code: 'resource_invalid', message: '"include" must be a list of file paths' });
    return [];
  }
  return (include as string[]).map((entry, index) => ({ path: resolve(dirname(source.file), entry), place: source.placeOf(['include', index]) }));
}
