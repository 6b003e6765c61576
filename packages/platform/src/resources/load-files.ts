import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import type { ResourceProblem } from '@maru/api/wire';
import { parse } from 'yaml';
import { importLitellm, isLitellmConfig } from './import-litellm.ts';
import { type LoadedResource, parseResources } from './parse-resources.ts';

const EXTENSIONS = new Set(['.yaml', '.yml', '.json']);

export interface LoadedFiles {
  readonly resources: readonly LoadedResource[];
  readonly problems: readonly ResourceProblem[];
  /** Things that were understood but not taken over, one sentence each. */
  readonly warnings: readonly string[];
  /** Every file that was read, to be watched. */
  readonly files: readonly string[];
}

/** Reads files, and the YAML and JSON files directly inside folders. A LiteLLM `config.yaml` is turned into Models and Routes. */
export async function loadFiles(paths: readonly string[]): Promise<LoadedFiles> {
  const files = (await Promise.all(paths.map(listFiles))).flat();
  const loaded = await Promise.all(files.map(loadFile));
  return {
    resources: loaded.flatMap((file) => file.resources),
    problems: loaded.flatMap((file) => file.problems),
    warnings: loaded.flatMap((file) => file.warnings),
    files,
  };
}

async function listFiles(path: string): Promise<readonly string[]> {
  const absolute = resolve(path);
  const facts = await stat(absolute).catch((cause: unknown) => {
    throw new PlatformError('not_found', { message: `"${path}" does not exist`, cause });
  });
  if (!facts.isDirectory()) return [absolute];
  const names = (await readdir(absolute)).filter((name) => EXTENSIONS.has(extname(name)) && !name.startsWith('.')).sort();
  return names.map((name) => join(absolute, name));
}

async function loadFile(file: string): Promise<Omit<LoadedFiles, 'files'>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PlatformError('not_found', { message: `"${file}" can not be read: ${(cause as Error).message}`, cause });
  });
  if (text.includes('model_list')) {
    const value: unknown = safeParse(text);
    if (isLitellmConfig(value)) return importLitellm(value, file);
  }
  return { ...parseResources(text, { file }), warnings: [] };
}

function safeParse(text: string): unknown {
  try {
    return parse(text) as unknown;
  } catch {
    // The parser of resources reports the mistake with its place.
    return undefined;
  }
}
