import { createHash } from 'node:crypto';
import { PlatformError } from '@maru/api/errors';
import type { Kind, Resource, ResourceOf, Status } from '@maru/api/resources';
import { resourceKey } from '@maru/api/resources';
import type { Store } from '#store';
import type { Clock } from '#time';
import { checkSet, referencesOf } from './check-set.ts';
import { type LoadedResource, type ParseResources, parseResources } from './parse-resources.ts';
import { problemsError } from './problem.ts';

/** What an apply did, as `Kind/name`. */
export interface ApplyReport {
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
  readonly deleted: readonly string[];
}

/** A resource as the registry holds it. */
export interface StoredResource {
  readonly resource: Resource;
  readonly yaml: string;
  readonly file: string | null;
  readonly fileHash: string | null;
  readonly generation: number;
  readonly updatedMs: number;
}

type RegistryListener = (report: ApplyReport) => void | Promise<void>;

/** The set of resources that is in force: checked as a whole, kept in the database, changed all or nothing. */
export interface Registry {
  list<K extends Kind>(kind: K): readonly ResourceOf<K>[];
  all(): readonly StoredResource[];
  get<K extends Kind>(kind: K, name: string): ResourceOf<K> | undefined;
  stored(kind: string, name: string): StoredResource | undefined;
  status(kind: string, name: string): Status | undefined;
  /** In memory: a status is observed again after a restart. */
  setStatus(kind: string, name: string, status: Status): void;
  /** Keys of the resources that refer to this one. */
  usersOf(kind: string, name: string): readonly string[];
  /** Adds or replaces resources; throws `resource_*` or `reference_*` with every place and changes nothing when the result would not be sound. */
  apply(loaded: readonly LoadedResource[]): Promise<ApplyReport>;
  /** Makes the resources of files what the files say now: new and changed ones are applied, missing ones deleted, untouched ones left as they are. */
  syncFiles(loaded: readonly LoadedResource[]): Promise<ApplyReport>;
  /** Throws `not_found`, or `conflict` while other resources refer to it. */
  delete(kind: string, name: string): Promise<void>;
  /** Reads the database again, after another process has changed it; everything is replaced at once. Throws `data_corrupt`, and then nothing has changed. */
  reread(): Promise<ApplyReport>;
  /** Called after every change that took effect, one after another. */
  subscribe(listener: RegistryListener): () => void;
}

export interface RegistryOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Reads the stored texts; `parseResources` where left out. */
  readonly parse?: ParseResources;
}

/** Reads the resources of the database and keeps them in memory. */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const { store, clock, parse = parseResources } = options;
  let current = await readAll(store, parse);
  const statuses = new Map<string, Status>();
  const listeners = new Set<RegistryListener>();
  let queue: Promise<unknown> = Promise.resolve();

  /** Changes run one after another, so that two of them can not both be checked against the same old set. */
  const serially = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  const commit = async (changes: readonly LoadedResource[], removed: readonly string[]): Promise<ApplyReport> => {
    const next = new Map(current);
    for (const key of removed) next.delete(key);
    const created: string[] = [];
    const changed: string[] = [];
    const unchanged: string[] = [];
    for (const entry of changes) {
      const key = resourceKey(entry.resource);
      const before = current.get(key);
      const fileHash = entry.file === null ? (before?.fileHash ?? null) : hashOf(entry.yaml);
      const same =
        before !== undefined &&
        JSON.stringify(before.resource.spec) === JSON.stringify(entry.resource.spec) &&
        JSON.stringify(before.resource.metadata) === JSON.stringify(entry.resource.metadata);
      (before === undefined ? created : same ? unchanged : changed).push(key);
      next.set(key, {
        resource: entry.resource,
        yaml: entry.yaml,
        file: entry.file ?? before?.file ?? null,
        fileHash,
        generation: before === undefined ? 1 : same ? before.generation : before.generation + 1,
        updatedMs: clock.nowMs(),
      });
    }
    const places = new Map(changes.map((entry) => [resourceKey(entry.resource), entry]));
    const doubled = checkSet(changes).filter((problem) => problem.code === 'resource_duplicate');
    const problems = [...doubled, ...checkSet([...next].map(([key, stored]) => places.get(key) ?? toLoaded(stored)))];
    if (problems.length > 0) throw problemsError(problems);

    await store.db.transaction().execute(async (transaction) => {
      if (removed.length > 0)
        await transaction
          .deleteFrom('resource')
          .where('key', 'in', [...removed])
          .execute();
      for (const entry of changes) {
        const key = resourceKey(entry.resource);
        const row = next.get(key);
        if (row === undefined) continue;
        const values = {
          kind: entry.resource.kind,
          name: entry.resource.metadata.name,
          body: JSON.stringify(entry.resource),
          yaml: row.yaml,
          file: row.file,
          file_hash: row.fileHash,
          generation: row.generation,
          updated_ms: row.updatedMs,
        };
        await transaction
          .insertInto('resource')
          .values({ key, ...values })
          .onConflict((conflict) => conflict.column('key').doUpdateSet(values))
          .execute();
      }
    });
    return replace(next, { created, changed, unchanged, deleted: removed });
  };

  const replace = async (next: Map<string, StoredResource>, report: ApplyReport): Promise<ApplyReport> => {
    current = next;
    for (const key of report.deleted) statuses.delete(key);
    if (report.created.length + report.changed.length + report.deleted.length > 0) for (const listener of listeners) await listener(report);
    return report;
  };

  return {
    list: <K extends Kind>(kind: K) => [...current.values()].filter((entry) => entry.resource.kind === kind).map((entry) => entry.resource as ResourceOf<K>),
    all: () => [...current.values()],
    get: <K extends Kind>(kind: K, name: string) => current.get(`${kind}/${name}`)?.resource as ResourceOf<K> | undefined,
    stored: (kind, name) => current.get(`${kind}/${name}`),
    status: (kind, name) => statuses.get(`${kind}/${name}`),
    setStatus: (kind, name, status) => void statuses.set(`${kind}/${name}`, status),
    usersOf: (kind, name) => usersOf(current, kind, name),
    apply: (loaded) => serially(() => commit(loaded, [])),
    syncFiles: (loaded) =>
      serially(() => {
        const seen = new Set(loaded.map((entry) => resourceKey(entry.resource)));
        const touched = loaded.filter((entry) => current.get(resourceKey(entry.resource))?.fileHash !== hashOf(entry.yaml));
        const removed = [...current].filter(([key, entry]) => entry.file !== null && !seen.has(key)).map(([key]) => key);
        const doubled = checkSet(loaded).filter((problem) => problem.code === 'resource_duplicate');
        if (doubled.length > 0) throw problemsError(doubled);
        return commit(touched, removed);
      }),
    delete: (kind, name) =>
      serially(async () => {
        const key = `${kind}/${name}`;
        if (!current.has(key)) throw new PlatformError('not_found', { message: `there is no ${kind} called "${name}"` });
        const users = usersOf(current, kind, name);
        if (users.length > 0)
          throw new PlatformError('conflict', { message: `${key} is used by ${users.join(', ')}; delete or change these first`, details: { users } });
        await commit([], [key]);
      }),
    reread: () =>
      serially(async () => {
        const next = await readAll(store, parse);
        // What is the same stays the same object: others remember things by it.
        for (const [key, entry] of next) {
          const before = current.get(key);
          if (before !== undefined && before.generation === entry.generation && before.updatedMs === entry.updatedMs) next.set(key, before);
        }
        const keys = [...next.keys()];
        return replace(next, {
          created: keys.filter((key) => !current.has(key)),
          changed: keys.filter((key) => current.has(key) && current.get(key) !== next.get(key)),
          unchanged: keys.filter((key) => current.get(key) === next.get(key)),
          deleted: [...current.keys()].filter((key) => !next.has(key)),
        });
      }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

async function readAll(store: Store, parse: ParseResources): Promise<Map<string, StoredResource>> {
  const found = new Map<string, StoredResource>();
  for (const row of await store.db.selectFrom('resource').selectAll().orderBy('key').execute()) {
    const parsed = parse(row.body).resources[0];
    if (parsed === undefined)
      throw new PlatformError('data_corrupt', { message: `the stored resource "${row.key}" does not match the schema of this version` });
    const { yaml, file, generation } = row;
    found.set(row.key, { resource: parsed.resource, yaml, file, fileHash: row.file_hash, generation, updatedMs: row.updated_ms });
  }
  return found;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const toLoaded = (stored: StoredResource): LoadedResource => ({
  resource: stored.resource,
  file: stored.file,
  yaml: stored.yaml,
  placeOf: () => ({ line: 1, column: 1 }),
});

function usersOf(current: ReadonlyMap<string, StoredResource>, kind: string, name: string): readonly string[] {
  return [...current]
    .filter(([, entry]) => referencesOf(entry.resource).some((reference) => reference.kind.includes(kind) && reference.name === name))
    .map(([key]) => key);
}
