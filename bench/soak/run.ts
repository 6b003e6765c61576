// A million requests through one Maru: what its memory does. `--requests 100000` sends fewer.
import { parseArgs } from 'node:util';
import { LOADS, requestOf } from '../gateway/loads.ts';
import { runClosedLoad } from '../harness/closed-load.ts';
import { describeMachine } from '../harness/machine.ts';
import { resourcesFor, startMaru } from '../harness/maru.ts';
import { rssMb } from '../harness/process-figures.ts';
import { startChild } from '../harness/start-child.ts';

const STEPS = 20;
const { values } = parseArgs({ options: { requests: { type: 'string', default: '1000000' } } });
const REQUESTS = Number(values.requests);
if (!Number.isInteger(REQUESTS) || REQUESTS < STEPS) throw new Error(`--requests must be a whole number of at least ${STEPS}`);
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
  console.log(`\n${describeMachine()}\n${REQUESTS} requests, one in ten a stream\n\n| Requests | Memory | Requests per second |\n|---|---|---|`);
  const points: [number, number][] = [];
  let sent = 0;
  for (let step = 1; step <= STEPS; step += 1) {
    const until = Math.round((REQUESTS * step) / STEPS);
    const streams = Math.round((until - sent) / 10);
    const beganMs = performance.now();
    await runClosedLoad(maru.url, requestOf(plain, headers), { requests: until - sent - streams, concurrency: 32 });
    await runClosedLoad(maru.url, requestOf(streamed, headers), { requests: streams, concurrency: 32 });
    const perSecond = (until - sent) / ((performance.now() - beganMs) / 1000);
    sent = until;
    const mb = rssMb(maru.pid);
    points.push([sent / 1e6, mb]);
    console.log(`| ${sent} | ${mb.toFixed(0)} MB | ${perSecond.toFixed(0)} |`);
  }
  // The first quarter fills caches that are bounded.
  const { slope, error } = fitLine(points.slice(STEPS / 4));
  const last = points.at(-1)?.[1] ?? Number.NaN;
  console.log(`\nslope after the first quarter: ${slope.toFixed(2)} ± ${(2 * error).toFixed(2)} MB per million requests (two standard errors)`);
  console.log(`\n| Bar | Measured | |\n|---|---|---|`);
  console.log(`| memory at the end (< ${BAR_MB} MB) | ${last.toFixed(0)} MB | ${last < BAR_MB ? 'met' : 'MISSED'} |`);
  // Memory that falls is no leak.
  console.log(`| slope not above 0 by more than two standard errors | ${slope.toFixed(2)} MB per million | ${slope <= 2 * error ? 'met' : 'MISSED'} |`);
} finally {
  await maru.stop();
  mock.stop();
}
