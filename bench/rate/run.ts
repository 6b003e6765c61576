// A thousand requests per second on one processor, by the clock: what Maru adds to the latency of a bare proxy, and how late its event loop is.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOADS, requestOf } from '../gateway/loads.ts';
import { runClosedLoad } from '../harness/closed-load.ts';
import { describeMachine } from '../harness/machine.ts';
import { resourcesFor, startMaru } from '../harness/maru.ts';
import { runOpenLoad } from '../harness/open-load.ts';
import { percentile } from '../harness/percentile.ts';
import { pinApart } from '../harness/pin.ts';
import { startChild } from '../harness/start-child.ts';

const quick = process.argv.includes('--quick');
const PER_SECOND = 1000;
const SECONDS = quick ? 5 : 20;
const ROUNDS = quick ? 2 : 5;
/** V8 is still compiling before some 40,000 requests. */
const WARM_UP = quick ? 10_000 : 40_000;
const ADDED_BAR_MS = 3;
const LOOP_BAR_MS = 5;

const [load] = LOADS;
if (load === undefined) throw new Error('there is no load to send');
const folder = mkdtempSync(join(tmpdir(), 'maru-bench-loop-'));

interface LoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Asks a process that has loaded `loop-delay.ts`; each question begins a new count. */
async function askLoop(pid: number): Promise<LoopDelay> {
  const file = join(folder, `${pid}.json`);
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (let attempt = 0; attempt < 200; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as LoopDelay;
  }
  throw new Error(`the process ${pid} did not say how late its loop was`);
}

const mock = await startChild(new URL('../gateway/mock-upstream.ts', import.meta.url));
const bare = await startChild(new URL('../gateway/bare-proxy.ts', import.meta.url), mock.url, 'rewrite');
const maru = await startMaru({
  resources: resourcesFor(mock.url),
  environment: { NODE_OPTIONS: `--import=${new URL('./loop-delay.ts', import.meta.url).href}`, MARU_BENCH_LOOP_DIR: folder },
});

try {
  const pinned = pinApart([bare.pid, maru.pid], [mock.pid, process.pid]);
  const targets = {
    bare: { url: bare.url, request: requestOf(load, { authorization: 'Bearer sk-upstream' }) },
    maru: { url: maru.url, request: requestOf(load, { authorization: `Bearer ${maru.key}` }) },
  };
  for (const { url, request } of Object.values(targets)) await runClosedLoad(url, request, { requests: WARM_UP, concurrency: 32 });
  console.log(`\n${describeMachine()}`);
  console.log(
    `${PER_SECOND} requests/s for ${SECONDS} s, ${ROUNDS} rounds in turn, after ${WARM_UP} requests to each; ${pinned ? 'gateways on one processor, loader and model server on the others' : 'processes were not pinned'}\n`,
  );
  console.log(
    '| Round | Bare p50 | Bare p99 | Maru p50 | Maru p99 | p99 added | Loop late p50 | Loop late p99 | Loader late p99 | Not answered |\n|---|---|---|---|---|---|---|---|---|---|',
  );
  const added: number[] = [];
  const late: number[] = [];
  let unanswered = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const options = { perSecond: PER_SECOND, seconds: SECONDS, maxInFlight: 512 };
    const reference = await runOpenLoad(targets.bare.url, targets.bare.request, options);
    await askLoop(maru.pid);
    const report = await runOpenLoad(targets.maru.url, targets.maru.request, options);
    const loop = await askLoop(maru.pid);
    const lost = report.unsent + report.broken + [...report.refused.values()].reduce((sum, count) => sum + count, 0);
    const more = percentile(report.okMs, 0.99) - percentile(reference.okMs, 0.99);
    added.push(more);
    late.push(loop.p99Ms);
    unanswered += lost;
    const cells = [reference.okMs, report.okMs].flatMap((times) => [0.5, 0.99].map((share) => `${percentile(times, share).toFixed(2)} ms`));
    console.log(
      `| ${round} | ${cells.join(' | ')} | ${more.toFixed(2)} ms | ${loop.p50Ms.toFixed(2)} ms | ${loop.p99Ms.toFixed(2)} ms | ${percentile(report.loaderLateMs, 0.99).toFixed(2)} ms | ${lost} |`,
    );
  }
  const rows: [string, number, number][] = [
    ['p99 added over the bare proxy, median of the rounds, in ms', percentile(added, 0.5), ADDED_BAR_MS],
    ['event-loop delay p99, median of the rounds, in ms', percentile(late, 0.5), LOOP_BAR_MS],
  ];
  console.log('\n| Bar | Measured | Wanted | |\n|---|---|---|---|');
  for (const [bar, value, most] of rows) console.log(`| ${bar} | ${value.toFixed(2)} | < ${most} | ${value < most ? 'met' : 'MISSED'} |`);
  console.log(`| requests refused, broken or not sent | ${unanswered} | 0 | ${unanswered === 0 ? 'met' : 'MISSED'} |`);
} finally {
  await maru.stop();
  bare.stop();
  mock.stop();
  rmSync(folder, { recursive: true, force: true });
}
