import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeTrace } from '../__fixtures__/make-trace.ts';
import { sweepRows } from '../report/sweep-rows.ts';
import { runCell } from './run-cell.ts';
import { runSweep } from './run-sweep.ts';
import { cellsOf, type SweepPlan } from './sweep-plan.ts';
import { readSweepState } from './sweep-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-sweep-'));
afterAll(() => rmSync(folder, { recursive: true }));

const tracePath = join(folder, 'trace.jsonl');
writeFileSync(
  tracePath,
  makeTrace(60)
    .requests.map(({ atMs, inputTokens, outputTokens, blocks }) =>
      JSON.stringify({ timestamp: atMs, input_length: inputTokens, output_length: outputTokens, hash_ids: blocks }),
    )
    .join('\n'),
);
const plan: SweepPlan = {
  tracePath,
  policies: ['random', 'maru'],
  rateScales: [1, 4],
  replicas: [2],
  kvBlocks: [],
  seeds: [1, 2],
  profile: 'h100-llama-3.1-8b',
  slo: { ttftMs: 500, itlMs: 50 },
  gpuUsdPerHour: 4,
};
const signal = new AbortController().signal;

describe('a sweep', () => {
  it('gives the same in threads as one simulation after the other, in the order of the plan', async () => {
    const progress: number[] = [];
    const results = await runSweep(plan, { threads: 2, signal, onProgress: (done) => progress.push(done) });

    expect(results).toEqual(cellsOf(plan).map((cell) => runCell(plan, cell)));
    expect(progress).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('goes on where it was stopped, and forgets a line that was cut', async () => {
    const statePath = join(folder, 'state.jsonl');
    const first = await runSweep({ ...plan, rateScales: [1] }, { threads: 1, signal, statePath });
    appendFileSync(statePath, '{"cell": {"policy": "ran');
    const before = readFileSync(statePath, 'utf8').split('\n').length;
    const starts: number[] = [];

    const all = await runSweep(plan, { threads: 1, signal, statePath, onProgress: (done) => starts.push(done) });

    expect(starts[0]).toBe(first.length);
    expect(all.slice(0, 2)).toEqual(first.slice(0, 2));
    expect(readFileSync(statePath, 'utf8').trim().split('\n')).toHaveLength(1 + cellsOf(plan).length);
    expect(before).toBe(1 + first.length + 1);
  });

  it('gives the same in the background, and its results can be read while it runs', async () => {
    const statePath = join(folder, 'background.jsonl');
    expect(readSweepState(statePath)).toEqual([]);

    const results = await runSweep(plan, { threads: 1, background: true, signal, statePath });

    expect(results).toEqual(cellsOf(plan).map((cell) => runCell(plan, cell)));
    expect(readSweepState(statePath)).toEqual(JSON.parse(JSON.stringify(results)));
  });

  it('does not mix the results of two traces or objectives', async () => {
    const statePath = join(folder, 'other.jsonl');
    await runSweep({ ...plan, rateScales: [1], seeds: [1] }, { threads: 1, signal, statePath });

    await expect(runSweep({ ...plan, slo: { ttftMs: 1 } }, { threads: 1, signal, statePath })).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('stops when it is told to, and tells what went wrong in a thread', async () => {
    await expect(runSweep(plan, { threads: 1, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    await expect(runSweep({ ...plan, policies: ['best'] }, { threads: 1, signal })).rejects.toMatchObject({ code: 'config_invalid' });
    await expect(runSweep({ ...plan, tracePath: join(folder, 'none') }, { threads: 1, signal })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the rows of a sweep', () => {
  const rows = sweepRows(cellsOf(plan).map((cell) => runCell(plan, cell)));

  it('put the seeds together, with an interval where chance plays a part', () => {
    expect(rows.map(({ policy, rateScale, seeds }) => [policy, rateScale, seeds])).toEqual([
      ['random', 1, 2],
      ['maru', 1, 2],
      ['random', 4, 2],
      ['maru', 4, 2],
    ]);
    expect(rows[0]?.values.ttftMeanMs?.plusMinus).toBeGreaterThan(0);
  });

  it('compare with the first policy, seed by seed', () => {
    expect(rows[0]?.deltas.hitRate).toBeUndefined();
    expect(rows[1]?.deltas.hitRate?.mean).toBeGreaterThan(0);
  });
});
