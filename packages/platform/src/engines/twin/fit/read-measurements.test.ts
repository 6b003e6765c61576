import { readFileSync } from 'node:fs';
import type { Distribution, LoadReport, LoadStage } from '@maru/api/records';
import { describe, expect, it } from 'vitest';
import { readMeasurements } from './read-measurements.ts';

const tiny = readFileSync(new URL('./__fixtures__/tiny-cpu.json', import.meta.url), 'utf8');

const spread = (p50: number): Distribution => ({
  count: 9,
  mean: p50 + 1,
  standardDeviation: 0,
  min: p50,
  p50,
  p75: p50,
  p90: p50,
  p95: p50,
  p99: p50,
  max: p50,
});
const stage = (concurrency: number, changes: Partial<LoadStage> = {}): LoadStage => ({
  name: `concurrency ${concurrency}`,
  mode: 'concurrency',
  concurrency,
  ratePerS: null,
  complete: true,
  durationMs: 1000,
  requests: { planned: 9, sent: 9, completed: 9, failed: 0, cancelled: 0 },
  errors: [],
  inputTokens: 9001,
  outputTokens: 900,
  cachedTokens: null,
  inputLength: spread(999),
  outputLength: spread(99),
  requestsPerS: 9,
  inputTokensPerS: 9001,
  outputTokensPerS: 900,
  peakOutputTokensPerS: 900,
  peakConcurrency: concurrency,
  goodputPerS: null,
  withinSlo: null,
  ttftMs: spread(40),
  secondTokenMs: spread(7),
  tpotMs: spread(7),
  itlMs: spread(7),
  e2eMs: spread(700),
  outputTokensPerSPerUser: spread(140),
  sendDelayMs: spread(0),
  ...changes,
});
const report = (stages: readonly LoadStage[], changes: Partial<LoadReport> = {}): string =>
  JSON.stringify({
    kind: 'maru-load-report',
    version: 1,
    measuredAt: '2026-11-21T12:00:00.000Z',
    target: { url: 'http://host:8000', operation: 'completions', model: 'm', streaming: true, simulated: false, maxModelLength: null },
    client: { version: '0.1.0', runtime: 'node', system: 'linux' },
    workload: {
      input: '1000',
      output: '100',
      sharedPrefixTokens: 0,
      trace: null,
      seed: 1,
      ignoreEos: true,
      warmUpRequests: 1,
      tokensPerWord: 1,
      overheadTokens: 0,
    },
    slo: { ttftMs: null, tpotMs: null, e2eMs: null },
    complete: true,
    stages,
    ...changes,
  });

describe('reading measurements', () => {
  it('reads what bench/gpu has written, from a run of it on a CPU', () => {
    const { times, source, gpu, simulated } = readMeasurements(tiny);

    expect(times).toHaveLength(12);
    expect(times[0]).toMatchObject({ series: 'prefill', name: '16 prompt tokens', requests: 0, steps: [{ prefillTokens: 16, attentionPairs: 128 }] });
    expect(times.at(-1)?.name).toBe('32 prompt tokens after 16 + 4 sequences of 33');
    expect(source).toContain('random weights in float32, PyTorch 2.11.0+cu130 without CUDA graphs');
    expect([gpu, simulated]).toEqual(['CPU', false]);
  });

  it('works out the KV memory of a card that the file names', () => {
    const onGpu = JSON.parse(tiny) as { conditions: Record<string, unknown>; shape: Record<string, unknown> };
    onGpu.conditions['memoryBytes'] = 150e9;
    onGpu.shape = { ...onGpu.shape, weightBytes: 16e9, kvBytesPerToken: 131_072 };

    expect(readMeasurements(JSON.stringify(onGpu)).kvTokens).toBe(Math.floor((135e9 - 16e9 - 4e9) / 131_072));
  });

  it('reads the steps that a load test tells: the first token without a queue, and decoding at each concurrency', () => {
    const { times } = readMeasurements(report([stage(1), stage(16)]));

    expect(times.map(({ series, requests, measuredMs }) => [series, requests, measuredMs])).toEqual([
      ['ttft', 1, 40],
      ['itl', 0, 7],
      ['itl', 0, 7],
    ]);
    expect(times[0]?.steps).toEqual([{ prefillTokens: 1000, attentionPairs: 500_000, decodeSequences: 0, decodeContext: 0 }]);
    expect(times[2]?.steps).toEqual([{ prefillTokens: 0, attentionPairs: 0, decodeSequences: 16, decodeContext: 16 * 1050 }]);
  });

  it('counts only the prompt tokens that were not cached, and cuts a long prompt into steps', () => {
    const [first] = readMeasurements(report([stage(1, { inputLength: spread(19_999), cachedTokens: 9 * 10_000 })])).times;

    expect(first?.steps.map((work) => work.prefillTokens)).toEqual([8192, 1808]);
    expect(first?.steps[1]?.attentionPairs).toBe(1808 * (18_192 + 904));
  });

  it('remembers that a server was simulated', () => {
    const target = { url: 'http://x', operation: 'chat' as const, model: 'm', streaming: true, simulated: true, maxModelLength: 4096 };

    expect(readMeasurements(report([stage(1)], { target }))).toMatchObject({
      simulated: true,
      source: expect.stringContaining('which is simulated') as string,
    });
  });

  it.each([
    ['nonsense', 'not valid JSON'],
    ['{"kind": "else"}', 'kind'],
    ['{"kind": "maru-step-times", "version": 2}', 'version'],
    [tiny.replace('"medianMs": ', '"medianMs": -'), 'points.0.medianMs'],
    [tiny.replace(/"points": \[.*?\], "copies"/s, '"points": [], "copies"'), 'points'],
    [report([]), 'no stage with a fixed concurrency'],
    [report([stage(4, { mode: 'rate' })]), 'no stage with a fixed concurrency'],
  ])('refuses %.40s and says what is wrong', (text, message) => {
    expect(() => readMeasurements(text)).toThrow(expect.objectContaining({ code: 'invalid_request', message: expect.stringContaining(message) as string }));
  });
});
