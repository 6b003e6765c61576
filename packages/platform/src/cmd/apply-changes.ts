import { readVariable } from '#config';
import {
  type ApplyReport,
  type LoadedFiles,
  type LoadedResource,
  loadFiles,
  type ParseResources,
  parseResources,
  problemsError,
  type Registry,
  watchFiles,
} from '#resources';
import type { Log } from '#telemetry';
import type { Clock } from '#time';
import type { FileSecrets } from './file-secrets.ts';
import type { RulesInForce } from './litellm-rules.ts';
import type { SourceLog } from './source-log.ts';

export interface SourceOptions {
  readonly registry: Registry;
  readonly paths: readonly string[];
  /** Further resources as YAML: the models of providers whose keys are set. A LiteLLM configuration names all its models itself. */
  readonly extraYaml: string;
  readonly secrets: FileSecrets;
  readonly sourceLog: SourceLog;
  readonly rules: RulesInForce;
  readonly clock: Clock;
  readonly log: Log;
  /** Told a person what happened to a change of a file. */
  readonly say: (text: string) => void;
}

/** Reads the files of a platform. Throws with every place when they are not sound. */
export async function readSources(paths: readonly string[], parse: ParseResources = parseResources): Promise<LoadedFiles> {
  const loaded = await loadFiles(paths, { environment: readVariable, parse });
  if (loaded.problems.length > 0) throw problemsError(loaded.problems);
  return loaded;
}

/** Puts the resources of files into force, all or nothing. */
export async function applySources(options: SourceOptions, loaded: LoadedFiles): Promise<ApplyReport> {
  const { litellm } = loaded;
  if (litellm !== undefined) options.secrets.offer(litellm.secrets);
  const extra = litellm === undefined ? parseResources(options.extraYaml, { file: '(environment)' }).resources : [];
  const report = await options.registry.syncFiles([...loaded.resources, ...withoutDoubles(extra, loaded.resources)]);
  options.rules.set(litellm?.rules);
  options.sourceLog.applied({ files: loaded.files, warnings: loaded.warnings, changes: changesOf(report) });
  return report;
}

/** Follows the files: a good change is in force within a moment, a bad one is refused whole with its place and the old state stays. */
export function followSources(options: SourceOptions, loaded: LoadedFiles): { close(): void } {
  let running: Promise<void> = Promise.resolve();
  let before = withoutResources(loaded);
  let watcher = watch(loaded.files);
  const reload = async (): Promise<void> => {
    try {
      const next = await readSources(options.paths);
      const resources = changesOf(await applySources(options, next));
      for (const warning of next.warnings) if (!before.warnings.includes(warning)) options.say(`warning: ${warning}`);
      if (JSON.stringify(next.litellm?.settings) !== JSON.stringify(before.litellm?.settings))
        options.say('the settings of the process in the LiteLLM configuration have changed: they take force at the next start');
      const rules = JSON.stringify(next.litellm?.rules) === JSON.stringify(before.litellm?.rules) ? [] : ['~rules of keys and pass-through endpoints'];
      const changes = [...resources, ...rules];
      if (changes.length > 0) {
        options.say(`applied the change of the files: ${changes.join(', ')}`);
        options.log.info({ changes }, 'files applied');
      }
      // A file may include others than before.
      if (next.files.join('\n') !== before.files.join('\n')) {
        watcher.close();
        watcher = watch(next.files);
      }
      before = withoutResources(next);
    } catch (error) {
      const { message } = error as Error;
      options.sourceLog.refused(message);
      options.say(`the change of the files is refused, the old state stays:\n${message}`);
    }
  };
  function watch(files: readonly string[]): { close(): void } {
    return watchFiles({
      files,
      clock: options.clock,
      onChange: () => {
        running = running.then(reload);
      },
    });
  }
  return { close: () => watcher.close() };
}

/** A resource of a file holds the whole syntax tree of its text. */
const withoutResources = ({ resources: _released, ...kept }: LoadedFiles): Omit<LoadedFiles, 'resources'> => kept;

const changesOf = (report: ApplyReport): readonly string[] => [
  ...report.created.map((key) => `+${key}`),
  ...report.changed.map((key) => `~${key}`),
  ...report.deleted.map((key) => `-${key}`),
];

/** A public name that a file gives wins over a model that the environment would add. */
function withoutDoubles(extra: readonly LoadedResource[], written: readonly LoadedResource[]): readonly LoadedResource[] {
  const names = new Set(
    written.flatMap(({ resource }) =>
      resource.kind === 'Route' ? [resource.metadata.name, ...resource.spec.aliases] : resource.kind === 'Model' ? [resource.metadata.name] : [],
    ),
  );
  return extra.filter((entry) => !names.has(entry.resource.metadata.name));
}
