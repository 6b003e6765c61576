import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Simulation, simulationSchema } from '@maru/api/wire';

/** Simulations and uploaded traces in the data folder: a folder each with a head and a body. */
export interface SimulationFolder {
  /** All that can be read; what can not is left alone. */
  simulations(): Promise<readonly Simulation[]>;
  /** Atomic: a crash leaves the old head or the new one. */
  save(simulation: Simulation): Promise<void>;
  statePath(id: string): string;
  remove(id: string): Promise<void>;
  traces(): Promise<readonly StoredTrace[]>;
  addTrace(trace: Omit<StoredTrace, 'bytes'>, bytes: Buffer): Promise<void>;
  tracePath(id: string): string;
  removeTrace(id: string): Promise<void>;
}

export interface StoredTrace {
  readonly id: string;
  readonly title: string;
  readonly bytes: number;
}

export function openSimulationFolder(folder: string): SimulationFolder {
  const runs = join(folder, 'runs');
  const uploads = join(folder, 'traces');
  const headOf = (id: string): string => join(runs, id, 'simulation.json');
  const tracePath = (id: string): string => join(uploads, id, 'trace');

  return {
    async simulations() {
      const heads = await Promise.all((await namesIn(runs)).map((id) => readJson(headOf(id))));
      return heads.flatMap((head) => simulationSchema.safeParse(head).data ?? []);
    },
    async save(simulation) {
      const path = headOf(simulation.id);
      await mkdir(join(runs, simulation.id), { recursive: true });
      await writeFile(`${path}.new`, JSON.stringify(simulation));
      await rename(`${path}.new`, path);
    },
    statePath: (id) => join(runs, id, 'results.jsonl'),
    remove: (id) => rm(join(runs, id), { recursive: true, force: true }),
    async traces() {
      const found = await Promise.all(
        (await namesIn(uploads)).map(async (id): Promise<StoredTrace | undefined> => {
          const head = (await readJson(join(uploads, id, 'head.json'))) as { readonly title?: unknown } | undefined;
          const size = await stat(tracePath(id)).catch(() => undefined);
          return typeof head?.title === 'string' && size !== undefined ? { id, title: head.title, bytes: size.size } : undefined;
        }),
      );
      return found.filter((trace) => trace !== undefined);
    },
    async addTrace({ id, title }, bytes) {
      await mkdir(join(uploads, id), { recursive: true });
      await writeFile(tracePath(id), bytes);
      await writeFile(join(uploads, id, 'head.json'), JSON.stringify({ title }));
    },
    tracePath,
    removeTrace: (id) => rm(join(uploads, id), { recursive: true, force: true }),
  };
}

const namesIn = (folder: string): Promise<readonly string[]> =>
  readdir(folder).then(
    (names) => names.sort(),
    () => [],
  );

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
