import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadReport, loadReportSchema } from '@maru/api/records';
import { describe, expect, it } from 'vitest';
import type { BenchOptions, BenchWatch } from '../index.ts';
import { runCli } from '../index.ts';

const REPORT = loadReportSchema.parse(JSON.parse(readFileSync(new URL('../__fixtures__/load-report.json', import.meta.url), 'utf8')));

async function run(args: readonly string[], set: { report?: LoadReport; signal?: AbortSignal; interactive?: boolean } = {}) {
  let out = '';
  let err = '';
  let asked: BenchOptions | undefined;
  const never = async (): Promise<never> => Promise.reject(new Error('not asked for'));
  const code = await runCli(['bench', ...args], {
    io: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      interactive: set.interactive ?? false,
      colour: false,
      readStdin: async () => '',
      signal: set.signal ?? new AbortController().signal,
    },
    ports: {
      version: '1',
      up: never,
      worker: never,
      operator: never,
      picker: never,
      kube: never,
      simulate: never,
      bench: async (options: BenchOptions, watch: BenchWatch) => {
        asked = options;
        watch.onProgress?.({ stage: 'concurrency 1', number: 1, stages: 3, done: 4, planned: 20, failed: 1, inFlight: 2 });
        return set.report ?? REPORT;
      },
    },
  });
  return { code, out, err, asked };
}

describe('maru bench', () => {
  it('tries 1, 4 and 16 requests in flight where nothing else is asked for', async () => {
    const { code, asked } = await run(['http://localhost:8000']);

    expect(code).toBe(0);
    expect(asked).toMatchObject({
      endpoint: 'http://localhost:8000',
      operation: 'chat',
      streaming: true,
      ignoreEos: true,
      input: '1024',
      output: '128',
      load: { concurrency: [1, 4, 16], ratesPerS: [], trace: undefined },
      slo: { ttftMs: null, tpotMs: null, e2eMs: null },
    });
  });

  it('takes rates, lengths and bounds from its flags', async () => {
    const { asked } = await run([
      'http://x',
      ...['--rate', '0.5,2', '--arrivals', 'constant', '--duration', '2.5', '--ttft', '300', '--input', 'uniform:5-9', '--no-stream', '--no-ignore-eos'],
    ]);

    expect(asked).toMatchObject({
      load: { concurrency: [], ratesPerS: [0.5, 2], arrivals: 'constant', durationMs: 2500 },
      slo: { ttftMs: 300, tpotMs: null },
      input: 'uniform:5-9',
      streaming: false,
      ignoreEos: false,
    });
  });

  it('prints a table with the failures below it, and says that a twin is simulated', async () => {
    const { out } = await run(['http://x']);

    expect(out).toContain('sim at http://localhost:8000 (chat, SIMULATED)');
    expect(out).toMatch(/concurrency 8 +30\/32/);
    expect(out).toContain('concurrency 8: 2 of 32 failed with http 429: slow down');
  });

  it('prints the report of vLLM and of GenAI-Perf', async () => {
    const vllm = (await run(['http://x', '-o', 'vllm'])).out;
    const genai = (await run(['http://x', '-o', 'genai-perf'])).out;

    expect(vllm.match(/============ Serving Benchmark Result ============/g)).toHaveLength(3);
    expect(vllm).toContain('Maximum request concurrency:             8\n');
    expect(vllm).toMatch(/-{15}Time to First Token-{16}\nMean TTFT \(ms\): +\d+\.\d\d\nMedian TTFT \(ms\):/);
    expect(vllm).toMatch(/P99 E2EL \(ms\): +\d+\.\d\d\n={50}\n/);
    expect(genai).toMatch(/Statistic +avg +min +max +p99 +p90 +p75\n +Time To First Token \(ms\)/);
    expect(genai).toMatch(/Request Count \(count\) +32\.00 +N\/A/);
  });

  it('writes the report that maru twin fit reads', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'maru-bench-')), 'report.json');
    const { out } = await run(['http://x', '--out', path, '-o', 'json']);
    const fitted = await runCli(['twin', 'fit', path], {
      io: { out: () => undefined, err: () => undefined, interactive: false, colour: false, readStdin: async () => '', signal: new AbortController().signal },
      ports: {
        version: '1',
        up: async () => undefined,
        worker: async () => undefined,
        operator: async () => undefined,
        picker: async () => undefined,
        kube: () => Promise.reject(new TypeError('not asked for')),
        simulate: async () => [],
        bench: async () => REPORT,
      },
    });

    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(REPORT);
    expect(JSON.parse(out)).toEqual(REPORT);
    expect(fitted).toBe(0);
  });

  it('shows its progress on a terminal only', async () => {
    expect((await run(['http://x'], { interactive: true })).err).toContain('1/3 concurrency 1: 4 of 20 done, 2 in flight, 1 failed');
    expect((await run(['http://x'])).err).toBe('');
  });

  it('prints what it has and ends with 130 when it is stopped', async () => {
    const { code, out } = await run(['http://x'], { signal: AbortSignal.abort(), report: { ...REPORT, complete: false } });

    expect(code).toBe(130);
    expect(out).toContain('stopped before its end');
  });

  it('ends with 1 when a stage has no answer at all', async () => {
    const stages = REPORT.stages.map((stage) => ({ ...stage, requests: { ...stage.requests, completed: 0 } }));

    expect((await run(['http://x'], { report: { ...REPORT, stages } })).code).toBe(1);
  });

  it.each([
    [['--concurrency', '1', '--rate', '2'], 'choose one of'],
    [['--concurrency', '0'], '--concurrency must be a whole number'],
    [['--concurrency', '1,,2'], '--concurrency must be a whole number'],
    [['--rate', 'fast'], '--rate must be a number above 0'],
    [['--operation', 'embeddings'], '--operation must be one of chat, completions'],
    [['--arrivals', 'gamma'], '--arrivals must be one of'],
    [['--warm-up', '-1'], '--warm-up must be'],
    [['-o', 'xml'], '--format must be'],
  ])('refuses %j with 2', async (flags, message) => {
    const { code, err, asked } = await run(['http://x', ...flags]);

    expect([code, asked]).toEqual([2, undefined]);
    expect(err).toContain(message);
  });
});
