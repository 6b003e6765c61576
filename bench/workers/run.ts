// CPU time per request of Maru with 0, 1, 2 and 4 workers, all processes counted, in one run and in turn.
import { LOADS, requestOf } from '../gateway/loads.ts';
import { runClosedLoad } from '../harness/closed-load.ts';
import { describeMachine } from '../harness/machine.ts';
import { type Maru, resourcesFor, startMaru } from '../harness/maru.ts';
import { percentile } from '../harness/percentile.ts';
import { cpuUs, rssMb } from '../harness/process-figures.ts';
import { startChild } from '../harness/start-child.ts';

const quick = process.argv.includes('--quick');
const COUNTS = [0, 1, 2, 4] as const;
const ROUNDS = quick ? 2 : 5;
const CONNECTIONS = 64;
/** Most CPU per request, as a multiple of one worker. */
const BAR = 1.15;

interface Round {
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly p99Ms: number;
}

const mock = await startChild(new URL('../gateway/mock-upstream.ts', import.meta.url));
const platforms: { readonly workers: number; readonly maru: Maru }[] = [];

try {
  for (const workers of COUNTS) {
    platforms.push({ workers, maru: await startMaru({ resources: resourcesFor(mock.url), environment: { MARU_WORKERS: String(workers) } }) });
  }
  console.log(`\n${describeMachine()}\n${CONNECTIONS} connections, ${ROUNDS} rounds each, in turn; CPU of the main process and all workers\n`);
  console.log('| Load | Workers | CPU per request | × one worker | Requests per second | p99 |\n|---|---|---|---|---|---|');
  const verdicts: string[] = [];
  for (const load of LOADS.slice(0, 2)) {
    const rounds = new Map<number, Round[]>();
    const requests = Math.round(load.requests * (quick ? 0.5 : 2));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { workers, maru } of platforms) {
        const request = requestOf(load, { authorization: `Bearer ${maru.key}` });
        // Every round begins warm, and with what the last one has left behind settled.
        await runClosedLoad(maru.url, request, { requests: Math.ceil(requests / (round === 0 ? 2 : 10)), concurrency: CONNECTIONS });
        const before = cpuUs(maru.pid);
        const beganMs = performance.now();
        const times = await runClosedLoad(maru.url, request, { requests, concurrency: CONNECTIONS });
        const seconds = (performance.now() - beganMs) / 1000;
        // What is written behind the answers belongs to them.
        await new Promise((resolve) => setTimeout(resolve, 700));
        const figures = { cpuUs: (cpuUs(maru.pid) - before) / requests, perSecond: requests / seconds, p99Ms: percentile(times, 0.99) };
        rounds.set(workers, [...(rounds.get(workers) ?? []), figures]);
      }
    }
    // The lowest of all rounds: what else the machine does can only add to it.
    const least = (workers: number): number => Math.min(...(rounds.get(workers) ?? []).map((each) => each.cpuUs));
    const median = (workers: number, field: keyof Round): number =>
      percentile(
        (rounds.get(workers) ?? []).map((each) => each[field]),
        0.5,
      );
    for (const { workers } of platforms) {
      const ratio = least(workers) / least(1);
      console.log(
        `| ${load.name} | ${workers === 0 ? 'none: one process' : workers} | ${least(workers).toFixed(0)} µs | ${ratio.toFixed(2)} | ${median(workers, 'perSecond').toFixed(0)} | ${median(workers, 'p99Ms').toFixed(1)} ms |`,
      );
      if (workers > 1) verdicts.push(`| ${load.name}: ${workers} workers / one | ${ratio.toFixed(2)} | ≤ ${BAR} | ${ratio <= BAR ? 'met' : 'MISSED'} |`);
    }
  }
  console.log(`\n| Bar | Measured | Wanted | |\n|---|---|---|---|\n${verdicts.join('\n')}\n`);
  for (const { workers, maru } of platforms) console.log(`${workers} workers: ${rssMb(maru.pid).toFixed(0)} MB resident in all processes at the end`);
} finally {
  for (const { maru } of platforms) await maru.stop();
  mock.stop();
}
