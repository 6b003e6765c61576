import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Resource } from '@maru/api/resources';
import { type LoadedResource, type ParsedResources, type ParseOptions, parseResources } from './parse-resources.ts';

export interface CheckedTextsOptions {
  /** Where it is kept between two starts. */
  readonly file: string;
  /** Another one of these, and nothing is remembered: what a text says depends on the program that reads it. */
  readonly program: string;
}

/** Reads texts of resources, and remembers what the sound ones say until the next start of the same program. */
export interface CheckedTexts {
  /** As `parseResources`. */
  readonly parse: (text: string, options?: ParseOptions) => ParsedResources;
  /** Keeps what was parsed until now, in place of what was kept before, and remembers no more from then on. Never throws: it is only speed that is lost. */
  save(): Promise<void>;
}

interface Entry {
  readonly resource: Resource;
  readonly yaml: string;
}
interface Kept {
  readonly program: string;
  /** By the SHA-256 of a text. */
  readonly texts: Readonly<Record<string, readonly Entry[]>>;
}

/** Reads what the same program has kept; a file of another one, or one that is broken, is as good as none. */
export async function openCheckedTexts({ file, program }: CheckedTextsOptions): Promise<CheckedTexts> {
  let kept = await readKept(file, program);
  let used = new Map<string, readonly Entry[]>();
  let isOpen = true;
  let isNew = false;

  const parse = (text: string, options: ParseOptions = {}): ParsedResources => {
    if (!isOpen) return parseResources(text, options);
    const hash = createHash('sha256').update(text).digest('hex');
    const known = kept.get(hash);
    if (known !== undefined) {
      used.set(hash, known);
      return { resources: known.map((entry, index) => recalled(entry, { text, index, file: options.file ?? null })), problems: [] };
    }
    const parsed = parseResources(text, options);
    const entries = parsed.resources.map(({ resource, yaml }) => ({ resource, yaml }));
    if (parsed.problems.length === 0 && survivesJson(entries)) {
      used.set(hash, entries);
      isNew = true;
    }
    return parsed;
  };

  return {
    parse,
    save: async () => {
      const isSame = !isNew && used.size === kept.size;
      const text = isSame ? '' : JSON.stringify({ program, texts: Object.fromEntries(used) } satisfies Kept);
      isOpen = false;
      kept = new Map();
      used = new Map();
      if (isSame) return;
      try {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(`${file}.new`, text, { mode: 0o600 });
        await rename(`${file}.new`, file);
      } catch {
        // A folder that can not be written has been said by those who need it.
      }
    },
  };
}

/** Places are seldom asked for: only then is the text read again. */
function recalled(entry: Entry, from: { readonly text: string; readonly index: number; readonly file: string | null }): LoadedResource {
  return {
    ...entry,
    file: from.file,
    placeOf: (path) => parseResources(from.text).resources[from.index]?.placeOf(path) ?? { line: 1, column: 1 },
  };
}

const survivesJson = (entries: readonly Entry[]): boolean => isDeepStrictEqual(JSON.parse(JSON.stringify(entries)), entries);

async function readKept(file: string, program: string): Promise<Map<string, readonly Entry[]>> {
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as Kept;
    return new Map(kept.program === program ? Object.entries(kept.texts) : []);
  } catch {
    return new Map();
  }
}
