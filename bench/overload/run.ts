// Ten times the load that Maru can carry, for a minute: what is admitted stays quick, the rest is refused cleanly, and it recovers.
import { LOADS, requestOf } from '../gateway/loads.ts';
import { runClosedLoad } from '../harness/closed-load.ts';
import { describeMachine } from '../harness/machine.ts';
import { resourcesFor, startMaru } from '../harness/maru.ts';
import { type OpenLoadReport, runOpenLoad } from '../harness/open-load.ts';
import { percentile } from '../harness/percentile.ts';
import { pinApart } from '../harness/pin.ts';
import { rssMb } from '../harness/process-figures.ts';
import { startChild } from '../harness/start-child.ts';

const quick = process.argv.includes('--quick');
const OVERLOAD_S = quick ? 10 : 60;
const [load] = LOADS;
if (load === undefined) throw new Error('there is no load to send');

/** A thousand requests in flight with their bodies and answers, and no more than that, on top of what an idle Maru takes. */
const MOST_MB = 400;
/** Less than any real model takes. */
const MODEL_MS = 50;
const mock = await startChild(new URL('../gateway/mock-upstream.ts', import.meta.url), String(MODEL_MS));
const maru = await startMaru({ resources: resourcesFor(mock.url) });
const request = requestOf(load, { authorization: `Bearer ${maru.key}` });
const sum = (report: OpenLoadReport): number => [...report.refused.values()].reduce((total, count) => total + count, 0);
const ms = (times: readonly number[], share: number): string => (times.length === 0 ? '' : `${percentile(times, share).toFixed(1)} ms`);
const print = (name: string, report: OpenLoadReport, seconds: number): void =>
  console.log(
    `| ${name} | ${(report.okMs.length / seconds).toFixed(0)}/s | ${ms(report.okMs, 0.5)} | ${ms(report.okMs, 0.99)} | ${[...report.refused].map(([status, count]) => `${count} × ${status}`).join(', ') || 'none'} | ${ms(report.refusedMs, 0.5)} | ${report.withoutRetryAfter} | ${report.broken} | ${report.unsent} | ${ms(report.loaderLateMs, 0.99)} | ${rssMb(maru.pid).toFixed(0)} MB |`,
  );

try {
  const pinned = pinApart([maru.pid], [mock.pid, process.pid]);
  // What it can carry: as fast as it answers, once the program is warm.
  await runClosedLoad(maru.url, request, { requests: 3000, concurrency: 64 });
  const beganMs = performance.now();
  const closed = await runClosedLoad(maru.url, request, { requests: 6000, concurrency: 64 });
  const capacity = (closed.length / (performance.now() - beganMs)) * 1000;
  console.log(
    `\n${describeMachine()}\nmodel server: ${MODEL_MS} ms; full speed over 64 connections: ${capacity.toFixed(0)} requests/s; ${pinned ? 'the gateway on one processor, loader and model server on the others' : 'processes were not pinned'}\n`,
  );
  console.log(
    '| Phase | Answered | p50 | p99 | Refused | p50 of refusals | Without retry-after | Broken | Not sent | Loader late p99 | Memory |\n|---|---|---|---|---|---|---|---|---|---|---|',
  );
  const options = { maxInFlight: 1000 };
  const before = await runOpenLoad(maru.url, request, { ...options, perSecond: capacity / 4, seconds: 10 });
  print('a quarter of full speed', before, 10);
  const unloadedMb = rssMb(maru.pid);
  let mostMb = unloadedMb;
  const watch = setInterval(() => {
    mostMb = Math.max(mostMb, rssMb(maru.pid));
  }, 1000);
  const over = await runOpenLoad(maru.url, request, { ...options, perSecond: capacity * 10, seconds: OVERLOAD_S });
  clearInterval(watch);
  print(`ten times, ${OVERLOAD_S} s`, over, OVERLOAD_S);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const after = await runOpenLoad(maru.url, request, { ...options, perSecond: capacity / 4, seconds: 10 });
  print('5 s later', after, 10);

  const slower = percentile(over.okMs, 0.99) / percentile(before.okMs, 0.99);
  const rows: [string, string, boolean][] = [
    ['p99 of what was admitted, against unloaded (≤ 3)', slower.toFixed(2), slower <= 3],
    [
      'refusals other than 429 and 503 (0)',
      String(sum(over) - (over.refused.get(429) ?? 0) - (over.refused.get(503) ?? 0)),
      ![...over.refused.keys()].some((status) => status !== 429 && status !== 503),
    ],
    ['refusals without retry-after (0)', String(over.withoutRetryAfter), over.withoutRetryAfter === 0],
    ['broken connections (0)', String(over.broken), over.broken === 0],
    [`most memory during the overload (≤ ${MOST_MB} MB)`, `${mostMb.toFixed(0)} MB, ${unloadedMb.toFixed(0)} MB before`, mostMb <= MOST_MB],
    ['the process is the one that was started', maru.isAlive() ? 'yes' : 'no', maru.isAlive()],
    ['refused after 5 s (0)', String(sum(after) + after.broken), sum(after) + after.broken === 0],
  ];
  console.log(`\n| Bar | Measured | |\n|---|---|---|\n${rows.map(([bar, value, met]) => `| ${bar} | ${value} | ${met ? 'met' : 'MISSED'} |`).join('\n')}`);
} finally {
  await maru.stop();
  mock.stop();
}
