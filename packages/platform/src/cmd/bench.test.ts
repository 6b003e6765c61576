import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelKind } from '@maru/api/resources';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BenchOptions } from '#cli';
import { createTwinEngine, createTwinServer, type TwinServer, twinProfile } from '#engines';
import { createSeededIds, createSystemClock } from '#time';
import { bench } from './bench.ts';
import { simulate } from './simulate.ts';

const TRACE =
  '{"timestamp": 0, "input_length": 60, "output_length": 3, "hash_ids": [1]}\n{"timestamp": 5, "input_length": 70, "output_length": 4, "hash_ids": [1]}\n';
const fileWith = (name: string, text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'maru-cmd-')), name);
  writeFileSync(path, text);
  return path;
};

describe('maru bench, wired', () => {
  let server: TwinServer;
  beforeEach(async () => {
    const model = modelKind.schema.parse({
      apiVersion: 'maru.dev/v1alpha1',
      kind: 'Model',
      metadata: { name: 'sim' },
      spec: { serving: { engine: 'twin', twin: { speed: 2000 } } },
    });
    server = await createTwinServer({ engine: createTwinEngine({ model, replica: 0, clock: createSystemClock(), ids: createSeededIds() }), port: 0 });
  });
  afterEach(() => server.close());

  const run = (load: Partial<BenchOptions['load']>, changes: Partial<BenchOptions> = {}) =>
    bench(
      {
        endpoint: server.url,
        model: undefined,
        operation: 'chat',
        load: {
          concurrency: [],
          ratesPerS: [],
          trace: undefined,
          arrivals: 'constant',
          speed: 1,
          limit: undefined,
          maxConcurrency: undefined,
          requests: 4,
          durationMs: undefined,
          ...load,
        },
        input: '50',
        output: '4',
        sharedPrefixTokens: 0,
        warmUpRequests: 0,
        slo: { ttftMs: null, tpotMs: null, e2eMs: null },
        seed: 1,
        streaming: true,
        ignoreEos: true,
        timeoutMs: 10_000,
        key: undefined,
        ...changes,
      },
      { signal: new AbortController().signal, onProgress: undefined },
      { version: '1', runtime: 'r', system: 's' },
    );

  it('runs concurrency levels, rates and traces', async () => {
    const concurrency = await run({ concurrency: [1, 2] });
    const rate = await run({ ratesPerS: [500] });
    const trace = await run({ trace: fileWith('two.jsonl', TRACE) });

    expect(concurrency.stages.map((stage) => [stage.name, stage.requests.completed])).toEqual([
      ['concurrency 1', 4],
      ['concurrency 2', 4],
    ]);
    expect(rate.stages).toMatchObject([{ name: 'rate 500/s', requests: { completed: 4 } }]);
    expect(trace).toMatchObject({ workload: { trace: 'two.jsonl' }, stages: [{ mode: 'trace', requests: { completed: 2 }, outputTokens: 7 }] });
  });

  it('plays the first requests of a trace only, when it is told to', async () => {
    expect((await run({ trace: fileWith('two.jsonl', TRACE), limit: 1 })).stages[0]?.requests.planned).toBe(1);
  });

  it('refuses a length that is none', async () => {
    await expect(run({ concurrency: [1] }, { input: 'long' })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('maru simulate, wired', () => {
  const options = (profile: string) => ({
    trace: fileWith('two.jsonl', TRACE),
    replicas: [1],
    policies: ['random'],
    profile,
    timing: true,
    kvBlocks: [],
    seeds: [1],
    speeds: [1],
    gpuHourUsd: 1,
    ttftMs: 1000,
    itlMs: 1000,
  });
  const signal = new AbortController().signal;

  it('takes the timing of a file', async () => {
    const slow = { ...twinProfile('h100-llama-3.1-8b'), weightReadMs: 500 };
    const [named] = await simulate(options('h100-llama-3.1-8b'), signal);
    const [own] = await simulate(options(fileWith('slow.json', JSON.stringify(slow))), signal);

    expect(named?.itlMeanMs).toBeLessThan(10);
    expect(own?.itlMeanMs).toBeGreaterThan(490);
  });

  it('says when the file is missing or wrong', async () => {
    await expect(simulate(options('/nowhere/p.json'), signal)).rejects.toMatchObject({ code: 'not_found' });
    await expect(simulate(options(fileWith('p.json', '{}')), signal)).rejects.toMatchObject({ code: 'config_invalid' });
  });
});
