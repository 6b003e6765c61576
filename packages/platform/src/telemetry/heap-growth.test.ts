import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const MB = 1024 * 1024;

/** Holds the newest of many small objects for a while, as a busy gateway does, and prints how large the young part of the heap became. */
const LOAD = `
const { limitHeapGrowth } = await import(process.argv[1]);
const { PerformanceObserver } = await import('node:perf_hooks');
if (process.argv[2] === 'limited') limitHeapGrowth(1);
// From the first collection on it is known that the bound is reached.
const awake = setInterval(() => undefined, 1000);
await new Promise((resolve) => {
  new PerformanceObserver(resolve).observe({ entryTypes: ['gc'] });
  gc();
});
clearInterval(awake);
const { getHeapSpaceStatistics } = await import('node:v8');
const held = new Array(100_000);
let most = 0;
for (let turn = 0; turn < 3000; turn += 1) {
  for (let index = 0; index < 2000; index += 1) held[(turn * 2000 + index) % held.length] = { index, text: [turn, index] };
  await new Promise((resolve) => setImmediate(resolve));
  most = Math.max(most, getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size);
}
process.stdout.write(String(most));
`;

async function mostYoungBytes(kind: 'limited' | 'as V8 likes'): Promise<number> {
  const module = join(import.meta.dirname, 'heap-growth.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--input-type=module', '-e', LOAD, module, kind]);
  return Number(stdout.trim());
}

describe('the young part of the heap', () => {
  it('stops growing at a bound that it would otherwise pass by far', async () => {
    const [limited, free] = await Promise.all([mostYoungBytes('limited'), mostYoungBytes('as V8 likes')]);

    // A starved process may take a step or two before it hears of a collection.
    expect(limited).toBeLessThan(free * 0.8);
    expect(free).toBeGreaterThan(16 * MB);
  });
});
