// What the collection of garbage costs for values that live as long as a request, by how they are held.
import { GCProfiler } from 'node:v8';
import { LiveMap } from '../../packages/platform/src/memory/index.ts';
import { describeMachine } from '../harness/machine.ts';

const REQUESTS = 400_000;
const IN_FLIGHT = 32;
const FIELDS = 200;

interface Way {
  hold(id: number, value: object): void;
  letGo(id: number): void;
}

/** An answer to a client, as an object with a getter of its own and as an object with a method. */
const WAYS: Readonly<Record<string, () => Way>> = {
  'nowhere: only the values': () => ({ hold: () => undefined, letGo: () => undefined }),
  LiveMap: () => {
    const held = new LiveMap<number, object>();
    return { hold: (id, value) => held.set(id, value), letGo: (id) => void held.take(id) };
  },
  Map: () => {
    const held = new Map<number, object>();
    return { hold: (id, value) => void held.set(id, value), letGo: (id) => void held.delete(id) };
  },
  'an object with a method': () => wrapped((value) => ({ value: () => value })),
  'an object with a getter': () =>
    wrapped((value) => ({
      get value() {
        return value;
      },
    })),
};

function wrapped(wrap: (value: object) => object): Way {
  const places: (object | undefined)[] = [];
  return {
    hold: (id, value) => (places[id % (IN_FLIGHT + 1)] = wrap(value)),
    letGo: () => undefined,
  };
}

const makeValue = (id: number): object => ({ id, fields: new Array<number>(FIELDS).fill(id) });

function run(way: Way): { ms: number; collectingMs: number; heapMb: number } {
  // A quiet time, in which what is held grows old.
  way.hold(-1, {});
  for (let id = 0; id < REQUESTS / 2; id += 1) makeValue(id);
  const profiler = new GCProfiler();
  profiler.start();
  const beganMs = performance.now();
  for (let id = 0; id < REQUESTS; id += 1) {
    way.hold(id, makeValue(id));
    if (id >= IN_FLIGHT) way.letGo(id - IN_FLIGHT);
  }
  const ms = performance.now() - beganMs;
  const { statistics } = profiler.stop();
  return { ms, collectingMs: statistics.reduce((sum, each) => sum + each.cost / 1000, 0), heapMb: process.memoryUsage().rss / 2 ** 20 };
}

const [, , only] = process.argv;
if (only !== undefined) {
  const way = WAYS[only]?.();
  if (way !== undefined) process.stdout.write(JSON.stringify(run(way)));
} else {
  const { execFileSync } = await import('node:child_process');
  console.log(`\n${describeMachine()}\n${REQUESTS} values of ${FIELDS} fields, ${IN_FLIGHT} at a time; each way in a process of its own\n`);
  console.log('| Held in | Time | Collecting | Resident |\n|---|---|---|---|');
  for (const name of Object.keys(WAYS)) {
    const figures = JSON.parse(execFileSync(process.execPath, [import.meta.filename, name], { encoding: 'utf8' })) as ReturnType<typeof run>;
    console.log(`| ${name} | ${figures.ms.toFixed(0)} ms | ${figures.collectingMs.toFixed(0)} ms | ${figures.heapMb.toFixed(0)} MB |`);
  }
}
