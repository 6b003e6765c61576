import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NewSimulation, newSimulationSchema, type Simulation, simulationDetailSchema, simulationOptionsSchema } from '@maru/api/wire';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createSimulations, type Simulations } from '#control';
import { createLog } from '#telemetry';
import { createFakeClock, createSeededIds } from '#time';
import { createSweeps } from './sweeps.ts';

const root = mkdtempSync(join(tmpdir(), 'maru-simulations-'));
const opened: Simulations[] = [];
afterAll(async () => {
  await Promise.all(opened.map((simulations) => simulations.close()));
  rmSync(root, { recursive: true });
});

let folders = 0;
const newFolder = (): string => join(root, `data-${++folders}`);

function open(folder = newFolder()): Simulations {
  const clock = createFakeClock();
  const simulations = createSimulations({
    folder,
    maxUploadBytes: 100_000,
    sweeps: createSweeps(),
    clock,
    ids: createSeededIds(folders),
    log: createLog('silent'),
  });
  opened.push(simulations);
  return simulations;
}

const asked = (more: Partial<NewSimulation> = {}): NewSimulation =>
  newSimulationSchema.parse({ trace: 'made:sessions', requests: 40, policies: ['random', 'maru'], replicas: [2], ...more });
/** So long that it can not end before it is stopped. */
const LONG = asked({ requests: 5000, policies: ['maru'], speeds: Array.from({ length: 10 }, (_, index) => index + 1), seeds: 10, replicas: [8] });
const until = (simulations: Simulations, id: string, state: Simulation['state']): Promise<Simulation> =>
  vi.waitFor(
    async () => {
      const found = (await simulations.list()).find((simulation) => simulation.id === id);
      expect(found?.state).toBe(state);
      return found as Simulation;
    },
    { timeout: 60_000, interval: 50 },
  );

describe('simulations', () => {
  it('play one after the other, and tell their figures', async () => {
    const simulations = open();

    const first = await simulations.start(asked({ name: 'first' }));
    const second = await simulations.start(asked({ speeds: [1, 4] }));
    expect([first.all, second.all]).toEqual([2, 4]);
    await until(simulations, second.id, 'succeeded');

    const detail = simulationDetailSchema.parse(JSON.parse(JSON.stringify(await simulations.get(first.id))));
    expect(detail.simulation).toMatchObject({ state: 'succeeded', done: 2, all: 2, error: null, traceTitle: 'Conversations that go on' });
    expect(detail.rows.map(({ policy, requests }) => [policy, requests])).toEqual([
      ['random', 40],
      ['maru', 40],
    ]);
    expect(detail.rows[0]?.deltas).toEqual({});
    expect(detail.rows[1]?.deltas.hitRate?.mean).toBeDefined();
    expect(detail.profile).toMatchObject({ name: 'h100-llama-3.1-8b' });
    expect(await simulations.report(first.id)).toMatch(/^<!doctype html>[\s\S]*<title>first<\/title>/);
    expect((await simulations.list()).map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  it('are stopped at once, keep what was played, and go on where they were', async () => {
    const simulations = open();
    const { id } = await simulations.start(LONG);
    const waiting = await simulations.start(asked());
    await vi.waitFor(async () => expect((await simulations.get(id))?.rows.length).toBeGreaterThan(0), { timeout: 60_000, interval: 50 });

    expect(await simulations.cancel(waiting.id)).toMatchObject({ state: 'cancelled' });
    const cancelled = await simulations.cancel(id);
    expect(cancelled.state).toBe('cancelled');
    expect(cancelled.done).toBeGreaterThan(0);
    expect(cancelled.done).toBeLessThan(cancelled.all);
    const resumed = await simulations.resume(id);
    expect(resumed).toMatchObject({ state: 'running', done: cancelled.done });
    await expect(simulations.resume(id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(simulations.remove(id)).rejects.toMatchObject({ code: 'conflict' });
    await simulations.cancel(id);
  });

  it('are interrupted by a stop of the platform and by a crash, and can be resumed', async () => {
    const folder = newFolder();
    const before = open(folder);
    const { id } = await before.start(LONG);
    const waiting = await before.start(asked());
    await before.close();
    expect((await before.list()).map(({ state }) => state)).toEqual(['interrupted', 'interrupted']);
    // As kill -9 leaves it: the head says that it runs, and a line of the results is cut.
    const head = join(folder, 'runs', id, 'simulation.json');
    writeFileSync(head, JSON.stringify({ ...JSON.parse(readFileSync(head, 'utf8')), state: 'running' }));
    mkdirSync(join(folder, 'runs', 'broken'));
    writeFileSync(join(folder, 'runs', 'broken', 'simulation.json'), '{');

    const after = open(folder);
    expect((await after.list()).map((simulation) => [simulation.id, simulation.state]).sort()).toEqual(
      [
        [id, 'interrupted'],
        [waiting.id, 'interrupted'],
      ].sort(),
    );
    await after.resume(waiting.id);
    await until(after, waiting.id, 'succeeded');
    appendFileSync(join(folder, 'runs', waiting.id, 'results.jsonl'), '{"cell": {"pol');
    expect((await after.get(waiting.id))?.rows).toHaveLength(2);
  });

  it('say so when the data folder takes nothing, and leave nothing behind', async () => {
    const file = newFolder();
    writeFileSync(file, 'not a folder');
    const simulations = open(file);

    await expect(simulations.start(asked())).rejects.toMatchObject({ code: 'storage_failed' });
    expect(await simulations.list()).toEqual([]);
  });

  it('refuse what can not be played, before anything is kept', async () => {
    const simulations = open();
    const refused = (more: Partial<NewSimulation>) => expect(simulations.start(asked(more))).rejects;

    await refused({ trace: '../../etc/passwd' }).toMatchObject({ code: 'invalid_request', details: { param: 'trace' } });
    await refused({ profile: 'b9999' }).toMatchObject({ code: 'invalid_request', details: { param: 'profile' } });
    await refused({ requests: 50_000, seeds: 10, speeds: [1, 2, 3, 4, 5] }).toMatchObject({ code: 'invalid_request' });
    await expect(simulations.report('nobody')).rejects.toMatchObject({ code: 'not_found' });
    await expect(simulations.remove('../..')).rejects.toMatchObject({ code: 'not_found' });
    await expect(simulations.removeTrace('../..')).rejects.toMatchObject({ code: 'not_found' });
    expect(await simulations.get('..')).toBeUndefined();
    expect(await simulations.list()).toEqual([]);
  });

  it.each([
    ['too many policies', { policies: [] }],
    ['a policy twice', { policies: ['maru', 'maru'] }],
    ['an unknown policy', { policies: ['best'] }],
    ['a negative speed', { speeds: [-1] }],
    ['half a replica', { replicas: [1.5] }],
    ['an unknown field', { fleet: 8 }],
  ])('do not take %s', (_what, more) => {
    expect(newSimulationSchema.safeParse({ trace: 'made:rag', policies: ['maru'], ...more }).success).toBe(false);
  });

  it('keep a bounded number: the oldest that has ended makes room', async () => {
    const folder = newFolder();
    const ended = { state: 'succeeded', request: asked(), traceTitle: 'made', done: 2, all: 2, startedMs: 1, endedMs: 2, error: null };
    for (let number = 10; number < 60; number += 1) {
      mkdirSync(join(folder, 'runs', `sim_${number}`), { recursive: true });
      writeFileSync(join(folder, 'runs', `sim_${number}`, 'simulation.json'), JSON.stringify({ id: `sim_${number}`, createdMs: number, ...ended }));
    }
    const simulations = open(folder);

    const { id } = await simulations.start(LONG);

    const kept = (await simulations.list()).map((simulation) => simulation.id);
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([50, id, 'sim_11']);
    expect(readdirSync(join(folder, 'runs'))).toHaveLength(50);
  });
});

describe('traces of simulations', () => {
  const LINES = '{"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [1, 2]}\n';

  it('are made, come with the program, or are uploaded and deleted', async () => {
    const folder = newFolder();
    const simulations = open(folder);

    const trace = await simulations.upload('yesterday.jsonl', Buffer.from(LINES));
    const again = open(folder);
    const { id } = await again.start(asked({ trace: trace.id, policies: ['maru'] }));
    await until(again, id, 'succeeded');

    const options = simulationOptionsSchema.parse(await again.options());
    expect(options.traces.map(({ kind }) => kind).filter((kind) => kind !== 'file')).toEqual(['made', 'made', 'made', 'upload']);
    expect((await again.get(id))?.rows[0]?.requests).toBe(1);
    await again.removeTrace(trace.id);
    expect(existsSync(join(folder, 'traces', trace.id))).toBe(false);
    await expect(again.start(asked({ trace: trace.id }))).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('that are none are refused; a bad line is named when it is played', async () => {
    const simulations = open();

    await expect(simulations.upload('a', Buffer.from('hello'))).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(simulations.upload('a', Buffer.from('{"timestamp'))).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(simulations.upload('a', Buffer.alloc(0))).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(simulations.upload('a', Buffer.alloc(100_001))).rejects.toMatchObject({ code: 'invalid_request' });
    const trace = await simulations.upload('a', Buffer.from(`${LINES}${LINES}{"timestamp": -5}\n`));
    const { id } = await simulations.start(asked({ trace: trace.id }));

    expect((await until(simulations, id, 'failed')).error).toMatch(/line 3/);
    for (let count = 1; count < 10; count += 1) await simulations.upload('a', Buffer.from(LINES));
    await expect(simulations.upload('a', Buffer.from(LINES))).rejects.toMatchObject({ code: 'conflict' });
  });
});
