import { KINDS } from '@maru/api/resources';
import { type LoadedFiles, type LoadedResource, loadFiles, parseResources, problemsError, type Registry, watchFiles } from '#resources';
import type { Log } from '#telemetry';
import type { Clock } from '#time';

export interface SourceOptions {
  readonly registry: Registry;
  readonly paths: readonly string[];
  /** Further resources as YAML: the models of providers whose keys are set. */
  readonly extraYaml: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Told a person what happened to a change of a file. */
  readonly say: (text: string) => void;
}

/** Puts the resources of files into force. Throws with every place when they are not sound. */
export async function loadSources(options: SourceOptions): Promise<LoadedFiles> {
  const loaded = await loadFiles(options.paths);
  if (loaded.problems.length > 0) throw problemsError(loaded.problems);
  await options.registry.syncFiles(withoutDoubles([...loaded.resources, ...parseResources(options.extraYaml, { file: '(environment)' }).resources]));
  for (const warning of loaded.warnings) options.say(`warning: ${warning}`);
  return loaded;
}

/** Follows the files: a good change is in force within a moment, a bad one is refused whole with its place and the old state stays. */
export function followSources(options: SourceOptions, loaded: LoadedFiles): { close(): void } {
  let running: Promise<void> = Promise.resolve();
  const reload = async (): Promise<void> => {
    try {
      const before = options.registry.all().map((entry) => `${entry.resource.kind}/${entry.resource.metadata.name}@${entry.generation}`);
      await loadSources(options);
      const after = options.registry.all().map((entry) => `${entry.resource.kind}/${entry.resource.metadata.name}@${entry.generation}`);
      const changes = [...after.filter((key) => !before.includes(key)), ...before.filter((key) => !after.includes(key)).map((key) => `-${key}`)];
      if (changes.length > 0) options.say(`applied the change of the files: ${[...new Set(changes.map((key) => key.split('@')[0]))].join(', ')}`);
    } catch (error) {
      options.say(`the change of the files is refused, the old state stays:\n${(error as Error).message}`);
    }
  };
  return watchFiles({
    files: loaded.files,
    clock: options.clock,
    onChange: () => {
      running = running.then(reload);
    },
  });
}

/** A model that a file names wins over the one that the environment would add. */
function withoutDoubles(resources: readonly LoadedResource[]): LoadedResource[] {
  const written = new Set(
    resources.filter((entry) => entry.file !== '(environment)' && entry.resource.kind === KINDS.Model.kind).map((entry) => entry.resource.metadata.name),
  );
  return resources.filter((entry) => entry.file !== '(environment)' || !written.has(entry.resource.metadata.name));
}
