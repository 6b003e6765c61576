import type { ResourceProblem } from '@maru/api/wire';
import { LineCounter, parseDocument } from 'yaml';
import { offsetOf } from '../node-offset.ts';
import type { Path, Place } from './place.ts';

/** One file of a LiteLLM configuration. */
export interface ConfigSource {
  readonly file: string;
  readonly value: Readonly<Record<string, unknown>>;
  placeOf(path: Path): Place;
}

/** Reads the text of one file; a file that is not YAML, or no map, is a problem with its place. */
export function readConfigSource(text: string, file: string): ConfigSource | readonly ResourceProblem[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, merge: true });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const failed = (offset: number, message: string): readonly ResourceProblem[] => [{ ...placeAt(offset), path: '', code: 'yaml_syntax', message }];
  const [error] = document.errors;
  if (error !== undefined) return failed(error.pos[0], error.message);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (cause) {
    return failed(0, (cause as Error).message);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return failed(0, 'a LiteLLM configuration is a map of blocks such as model_list');
  return { file, value: value as Record<string, unknown>, placeOf: (path) => placeAt(offsetOf(document, path)) };
}
