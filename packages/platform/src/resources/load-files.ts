import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import type { ResourceProblem } from '@maru/api/wire';
import { importLitellm, type LitellmImport } from './litellm/import-litellm.ts';
import { isLitellmConfig } from './litellm/is-litellm-config.ts';
import { joinRules, type LitellmRules } from './litellm/litellm-rules.ts';
import type { LitellmSettings } from './litellm/litellm-settings.ts';
import { type LoadedResource, type ParseResources, parseResources } from './parse-resources.ts';

const EXTENSIONS = new Set(['.yaml', '.yml', '.json']);

export interface LoadedFiles {
  readonly resources: readonly LoadedResource[];
  readonly problems: readonly ResourceProblem[];
  /** Things that were understood but not taken over, one sentence each. */
  readonly warnings: readonly string[];
  /** Every file that was read, to be watched. */
  readonly files: readonly string[];
  /** What a LiteLLM configuration among the files brings besides resources. */
  readonly litellm?: { readonly secrets: ReadonlyMap<string, string>; readonly settings: LitellmSettings; readonly rules: LitellmRules };
}

export interface LoadFilesOptions {
  /** Reads a variable of the environment, for `os.environ/NAME` in a LiteLLM configuration. */
  readonly environment: (name: string) => string | undefined;
  /** Reads the texts that are not of LiteLLM; `parseResources` where left out. */
  readonly parse?: ParseResources;
}

/**
 * Reads files, and the YAML and JSON files directly inside folders. A LiteLLM `config.yaml` is turned into Models and Routes.
 * Throws `not_found` for a path that is not there.
 */
export async function loadFiles(paths: readonly string[], options: LoadFilesOptions): Promise<LoadedFiles> {
  const files = [...new Set((await Promise.all(paths.map(listFiles))).flat())];
  const loaded = await Promise.all(files.map((file) => loadFile(file, options)));
  // A part of a configuration that lies in the same folder is read as a part only.
  const included = new Set(loaded.flatMap((file) => file.files.slice(1)));
  const kept = loaded.filter((file) => !included.has(file.files[0] ?? ''));
  const litellm = kept.flatMap((file) => (file.litellm === undefined ? [] : [file.litellm]));
  return {
    resources: kept.flatMap((file) => file.resources),
    problems: kept.flatMap((file) => file.problems),
    warnings: kept.flatMap((file) => file.warnings),
    files: [...new Set(kept.flatMap((file) => file.files))],
    ...(litellm.length === 0
      ? {}
      : {
          litellm: {
            secrets: new Map(litellm.flatMap((file) => [...file.secrets])),
            settings: Object.assign({}, ...litellm.map((file) => file.settings)) as LitellmSettings,
            rules: joinRules(litellm.map((file) => file.rules)),
          },
        }),
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

interface LoadedFile extends Pick<LitellmImport, 'resources' | 'problems' | 'warnings' | 'files'> {
  readonly litellm?: Pick<LitellmImport, 'secrets' | 'settings' | 'rules'>;
}

async function loadFile(file: string, options: LoadFilesOptions): Promise<LoadedFile> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PlatformError('not_found', { message: `"${file}" can not be read: ${(cause as Error).message}`, cause });
  });
  if (isLitellmConfig(text)) {
    const imported = await importLitellm(text, { file, environment: options.environment });
    return { ...imported, litellm: imported };
  }
  const { parse = parseResources } = options;
  return { ...parse(text, { file }), warnings: [], files: [file] };
}
