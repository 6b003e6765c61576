// A million requests through one Maru: what its memory does. `node bench/soak/run.ts 100000` sends fewer.
import { LOADS, requestOf } from '../gateway/loads.ts';
import { runClosedLoad } from '../harness/closed-load.ts';
import { describeMachine } from '../harness/machine.ts';
import { resourcesFor, startMaru } from '../harness/maru.ts';
import { rssMb } from '../harness/process-figures.ts';
import { startChild } from '../harness/start-child.ts';

const REQUESTS = Number(process.argv[2] ?? 1_000_000);
const STEPS = 20;
const BAR_MB = 200;

/** Least squares of y over x, with the standard error of the slope. */
function fitLine(points: readonly (readonly [number, number])[]): { readonly slope: number; readonly error: number } {
  const count = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const residual = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, error: Math.sqrt(residual / (count - 2) / spread) };
}

const [plain, streamed] = LOADS;
if (plain === undefined || streamed === undefined) throw new Error('there is no load to send');
const mock = await startChild(new URL('../gateway/mock-upstream.ts', import.meta.url));
const maru = await startMaru({ resources: resourcesFor(mock.url) });
const headers = { authorization: `Bearer ${maru.key}` };

try {
  console.log(`\n${describeMachine()}\n${REQUESTS} requests, one in ten a stream\n\n| Requests | Memory |\n|---|---|`);
  const points: [number, number][] = [];
  for (let step = 1; step <= STEPS; step += 1) {
    const count = Math.ceil(REQUESTS / STEPS);
    await runClosedLoad(maru.url, requestOf(plain, headers), { requests: Math.ceil(count * 0.9), concurrency: 32 });
    await runClosedLoad(maru.url, requestOf(streamed, headers), { requests: Math.ceil(count * 0.1), concurrency: 32 });
    const mb = rssMb(maru.pid);
    points.push([(step * count) / 1e6, mb]);
    console.log(`| ${step * count} | ${mb.toFixed(0)} MB |`);
  }
  // The first quarter fills caches that are bounded.
  const { slope, error } = fitLine(points.slice(STEPS / 4));
  const last = points.at(-1)?.[1] ?? Number.NaN;
  console.log(`\nslope after the first quarter: ${slope.toFixed(2)} ± ${(2 * error).toFixed(2)} MB per million requests (two standard errors)`);
  console.log(`\n| Bar | Measured | |\n|---|---|---|`);
  console.log(`| memory at the end (< ${BAR_MB} MB) | ${last.toFixed(0)} MB | ${last < BAR_MB ? 'met' : 'MISSED'} |`);
  console.log(`| slope indistinguishable from 0 | ${slope.toFixed(2)} MB per million | ${Math.abs(slope) <= 2 * error ? 'met' : 'MISSED'} |`);
} finally {
  await maru.stop();
  mock.stop();
}
