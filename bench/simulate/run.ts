/**
 * Run with `node bench/simulate/run.ts [--long 1000000] [--planner] [--flow]`.
 * Prints how many requests of the Mooncake conversation trace the simulation plays per second of wall time, on 8 workers with
 * caches of 512-token blocks, and how much memory a long trace takes that is read from a file while it is played.
 * With `--planner` it compares ways to scale a fleet instead, on the Azure trace; with `--flow` an overload by one tenant with and without
 * the flow control of the gateway.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openTrace, readTrace, simulateTrace } from '../../packages/platform/src/simulate/index.ts';
import { compareFlows } from './flow.ts';
import { writeLongTrace } from './long-trace.ts';
import { comparePlanners } from './planner.ts';

const { values } = parseArgs({
  options: {
    long: { type: 'string' },
    planner: { type: 'boolean', default: false },
    flow: { type: 'boolean', default: false },
    runs: { type: 'string', default: '3' },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const PROFILE = 'h100-tp2-qwen3-32b';
const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;

if (values.planner) {
  await comparePlanners(print);
  process.exit(0);
}

if (values.flow) {
  compareFlows(print);
  process.exit(0);
}

const trace = await readTrace(new URL('../data/traces/mooncake-conversation.jsonl', import.meta.url).pathname);
print(`${cpus()[0]?.model ?? 'unknown CPU'}, one thread; Mooncake conversation trace, 8 workers of ${PROFILE}, blocks of ${trace.blockTokens} tokens`);
print('goal: 5000 requests/s; for comparison, Dynamo (Rust, round robin, 8 workers, M4): 23,608 requests in 2.41 s = 9796/s, as published');
for (const policy of ['round-robin', 'least-request', 'precise-prefix', 'maru']) {
  const seconds: number[] = [];
  for (let run = 0; run < Number(values.runs); run += 1) {
    const startMs = performance.now();
    simulateTrace({ trace, replicas: 8, policies: [policy], profile: PROFILE });
    seconds.push((performance.now() - startMs) / 1000);
  }
  seconds.sort((left, right) => left - right);
  const median = seconds[Math.floor(seconds.length / 2)] ?? 1;
  print(
    `  ${policy.padEnd(16)} ${Math.round(trace.requests.length / median)} requests/s (median of ${seconds.length}; ${median.toFixed(2)} s for ${trace.requests.length})`,
  );
}

if (values.long !== undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'maru-long-trace-'));
  try {
    const path = join(folder, 'long.jsonl');
    writeLongTrace(path, trace, Number(values.long));
    const before = process.memoryUsage().rss;
    let peak = before;
    const startMs = performance.now();
    const file = openTrace(path);
    const checkedMs = performance.now() - startMs;
    const watched = {
      blockTokens: file.blockTokens,
      *requests() {
        let number = 0;
        for (const request of file.requests) {
          number += 1;
          if (number % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().rss);
          yield request;
        }
      },
    };
    const { timed } = simulateTrace({
      trace: { blockTokens: watched.blockTokens, requests: watched.requests() },
      replicas: 8,
      policies: ['maru'],
      profile: PROFILE,
    });
    const playedS = (performance.now() - startMs - checkedMs) / 1000;
    print(
      `a trace of ${file.count} requests (${megabytes(statSync(path).size)}), maru: checked in ${(checkedMs / 1000).toFixed(1)} s, played in ${playedS.toFixed(1)} s`,
    );
    print(
      `  ${Math.round(file.count / playedS)} requests/s; ${timed[0]?.completed} completed, ${timed[0]?.rejected} rejected; memory ${megabytes(before)} before, ${megabytes(peak)} at most`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
