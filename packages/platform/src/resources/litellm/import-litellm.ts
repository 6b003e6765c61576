import type { Resource } from '@maru/api/resources';
import type { ResourceProblem } from '@maru/api/wire';
import { stringify } from 'yaml';
import { checkResource, formatPath, type LoadedResource } from '../parse-resources.ts';
import { checkSettings } from './check-settings.ts';
import { readConfigSource } from './config-source.ts';
import { type ImportedValue, importGroups } from './import-groups.ts';
import { type LitellmRules, NO_RULES, readLitellmRules } from './litellm-rules.ts';
import { type LitellmSettings, readLitellmSettings } from './litellm-settings.ts';
import { type MergedConfig, mergeIncludes } from './merge-includes.ts';
import { createNotices } from './notices.ts';
import { createVariables, type ReadVariable } from './variables.ts';

/** What a LiteLLM configuration becomes. */
export interface LitellmImport {
  readonly resources: readonly LoadedResource[];
  readonly problems: readonly ResourceProblem[];
  /** What was not taken over, with file, line and reason. */
  readonly warnings: readonly string[];
  /** Every file that was read: the configuration and what it includes. */
  readonly files: readonly string[];
  /** Secrets that stand in the file, by the name that the resources refer to; never written anywhere. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly settings: LitellmSettings;
  readonly rules: LitellmRules;
}

export interface ImportLitellmOptions {
  readonly file: string;
  readonly environment: ReadVariable;
}

/**
 * Reads the `config.yaml` of a LiteLLM proxy as it is. Every key is taken over or named in a warning; only a file that is
 * not YAML, or an included file that is not there, is a problem.
 */
export async function importLitellm(text: string, options: ImportLitellmOptions): Promise<LitellmImport> {
  const main = readConfigSource(text, options.file);
  if (!('value' in main)) return { resources: [], problems: main, warnings: [], files: [options.file], secrets: new Map(), settings: {}, rules: NO_RULES };
  const config = await mergeIncludes(main);
  const notices = createNotices(config);
  const variables = createVariables({ block: config.value['environment_variables'], environment: options.environment, notices });
  checkSettings(config, notices);
  const settings = readLitellmSettings(config, variables, notices);
  const rules = readLitellmRules(config, variables, notices);
  const checked = importGroups(config, variables, notices).map((imported) => checkImported(imported, config));
  return {
    resources: checked.flatMap((entry) => entry.resources),
    problems: [...config.problems, ...checked.flatMap((entry) => entry.problems)],
    warnings: notices.list,
    files: config.files,
    secrets: variables.secrets,
    settings,
    rules,
  };
}

function checkImported({ value, path }: ImportedValue, config: MergedConfig): { resources: LoadedResource[]; problems: ResourceProblem[] } {
  const place = config.placeOf(path);
  const { resource, issues } = checkResource(value);
  const problems = issues.map((issue) => ({
    ...place,
    path: `${formatPath(path)} (${formatPath(issue.path)})`,
    code: 'resource_invalid',
    message: issue.message,
  }));
  return { resources: resource === undefined ? [] : [toLoaded(resource, value, place)], problems };
}

const toLoaded = (resource: Resource, value: unknown, place: { file: string; line: number; column: number }): LoadedResource => ({
  resource,
  file: place.file,
  yaml: stringify(value).trim(),
  placeOf: () => ({ line: place.line, column: place.column }),
});
