import { cpus } from 'node:os';
import { Worker } from 'node:worker_threads';
import { createSystemClock } from '#time';
import type { WorldResult } from './world.ts';

// One budget, many replicas, everything that goes wrong: `npm run test:quota -- [requests]`. Exits with 1 when a decision was wrong, and
// with 2 when it was interrupted (ctrl-c): then it says what the worlds that have ended have shown.
const TOTAL = Number(process.argv[2] ?? 1_000_000);
const PER_WORLD = 20_000;
const clock = createSystemClock();
const startedMs = clock.monotonicMs();
const worlds = Array.from({ length: Math.ceil(TOTAL / PER_WORLD) }, (_, index) => ({
  seed: index + 1,
  requests: Math.min(PER_WORLD, TOTAL - index * PER_WORLD),
}));
const results: WorldResult[] = [];
const worldCount = worlds.length;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    report();
    process.exit(sum('overshoots') + sum('falseRefusals') === 0 ? 2 : 1);
  });

await Promise.all(
  Array.from({ length: Math.max(1, cpus().length) }, async () => {
    for (let world = worlds.shift(); world !== undefined; world = worlds.shift()) {
      results.push(await simulateInWorker(world));
      console.error(`${results.length} of ${worldCount} worlds, ${((clock.monotonicMs() - startedMs) / 1000).toFixed(0)} s`);
    }
  }),
);

report();
process.exitCode = sum('overshoots') + sum('falseRefusals') === 0 ? 0 : 1;

function sum(name: Exclude<keyof WorldResult, 'notes'>): number {
  return results.reduce((total, result) => total + result[name], 0);
}

function figure(name: string, value: number | string): void {
  console.log(`${name.padEnd(52)} ${String(value).padStart(12)}`);
}

function report(): void {
  figure('requests', sum('requests'));
  figure('admitted', sum('admitted'));
  figure('refused by a rate (429)', sum('refusedRates'));
  figure('refused by a budget (402)', sum('refusedBudgets'));
  figure('store out of reach (503)', sum('unavailable'));
  figure('not decided in time (503)', sum('undecided'));
  figure('lost with their process', sum('lost'));
  figure('crashes', sum('crashes'));
  figure('cuts between a replica and the store', sum('partitions'));
  figure('longest return of a lost share, seconds (TTL 150)', (results.reduce((most, result) => Math.max(most, result.longestReturnMs), 0) / 1000).toFixed(1));
  figure('true refusals that no single moment explains', sum('unevenRefusals'));
  figure('overshoots', sum('overshoots'));
  figure('false refusals', sum('falseRefusals'));
  figure('seconds', ((clock.monotonicMs() - startedMs) / 1000).toFixed(1));
  for (const note of results.flatMap((result) => result.notes).slice(0, 20)) console.log(note);
}

function simulateInWorker(world: { readonly seed: number; readonly requests: number }): Promise<WorldResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./world-worker.ts', import.meta.url), { workerData: world });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
