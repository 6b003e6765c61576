import { loadReportSchema } from '@maru/api/records';
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '#time';
import { loadTestOptions } from './__fixtures__/options.ts';
import { refuse, startScripted, streamWords } from './__fixtures__/scripted-server.ts';
import { startTwin } from './__fixtures__/twin.ts';
import type { LoadProgress, LoadTestOptions } from './options.ts';
import { parseLengths } from './prompts/parse-lengths.ts';
import { runLoadTest } from './run-load-test.ts';

const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
const keep = async <Server extends { readonly url: string; close(): Promise<void> }>(starting: Promise<Server>): Promise<Server> => {
  const server = await starting;
  servers.push(server);
  return server;
};
const run = (options: LoadTestOptions, hooks: { signal?: AbortSignal; onProgress?: (progress: LoadProgress) => void } = {}) =>
  runLoadTest(options, { clock: createSystemClock(), signal: hooks.signal ?? new AbortController().signal, onProgress: hooks.onProgress });

describe('a load test of a simulated engine', () => {
  it('measures each concurrency with the lengths that were asked for', async () => {
    const { url } = await keep(startTwin());
    const report = await run(
      loadTestOptions(url, { load: { mode: 'concurrency', levels: [1, 4], requests: 12, durationMs: undefined }, output: parseLengths('9') }),
    );

    expect(loadReportSchema.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      complete: true,
      target: { url, model: 'sim', simulated: true, maxModelLength: 16_384 },
      workload: { ignoreEos: true, warmUpRequests: 1 },
    });
    for (const stage of report.stages) {
      expect(stage.requests).toEqual({ planned: 12, sent: 12, completed: 12, failed: 0, cancelled: 0 });
      expect(stage.outputLength).toMatchObject({ min: 9, max: 9 });
      expect(Math.abs((stage.inputLength?.mean ?? 0) - 100)).toBeLessThan(10);
      expect([stage.ttftMs?.count, stage.tpotMs?.count, stage.itlMs?.count]).toEqual([12, 12, 96]);
      expect(stage.cachedTokens).toBe(0);
    }
    expect(report.stages.map((stage) => stage.peakConcurrency)).toEqual([1, 4]);
  });

  it('lets prompts share their beginning when it is told to, and only then', async () => {
    const { url } = await keep(startTwin());
    const report = await run(loadTestOptions(url, { input: parseLengths('200'), sharedPrefixTokens: 120 }));
    const cached = (report.stages[0]?.cachedTokens ?? 0) / 6;

    expect(cached).toBeGreaterThan(80);
    expect(cached).toBeLessThan(140);
  });

  it('sends arrivals of a rate and never more at once than allowed', async () => {
    const { url } = await keep(startTwin());
    const load = { mode: 'rate' as const, levels: [400], arrivals: 'poisson' as const, maxConcurrency: 3, requests: 30, durationMs: undefined };
    const [stage] = (await run(loadTestOptions(url, { load, operation: 'chat', slo: { ttftMs: 60_000, tpotMs: null, e2eMs: null } }))).stages;

    expect(stage).toMatchObject({ name: 'rate 400/s', mode: 'rate', ratePerS: 400, withinSlo: 1, requests: { completed: 30 } });
    expect(stage?.peakConcurrency).toBeLessThanOrEqual(3);
  });

  it('replays a trace: lengths, shared blocks, and what the model can not take as failures', async () => {
    const { url } = await keep(startTwin(1024));
    const requests = [
      { atMs: 0, inputTokens: 300, outputTokens: 4, blocks: [1, 2] },
      { atMs: 40, inputTokens: 290, outputTokens: 5, blocks: [1, 3] },
      { atMs: 50, inputTokens: 2000, outputTokens: 5, blocks: [1, 4] },
    ];
    const load = { mode: 'trace' as const, trace: { name: 'three', blockTokens: 200, requests }, speed: 1, maxConcurrency: undefined };
    const [stage] = (await run(loadTestOptions(url, { load }))).stages;

    expect(stage).toMatchObject({ name: 'trace three', mode: 'trace', requests: { sent: 3, completed: 2, failed: 1 }, outputTokens: 9 });
    expect(stage?.errors).toEqual([{ kind: 'too_long', count: 1, example: '2005 tokens do not fit into the 1024 of the model; not sent' }]);
    expect(stage?.cachedTokens).toBeGreaterThan(150);
  });

  it('measures answers in one piece too', async () => {
    const { url } = await keep(startTwin());
    const [stage] = (await run(loadTestOptions(url, { streaming: false }))).stages;

    expect(stage).toMatchObject({ ttftMs: null, itlMs: null, requests: { completed: 6 }, e2eMs: { count: 6 } });
  });

  it('tells its progress', async () => {
    const { url } = await keep(startTwin());
    const seen: LoadProgress[] = [];
    await run(loadTestOptions(url), { onProgress: (progress) => seen.push(progress) });

    expect(seen.at(-1)).toEqual({ stage: 'concurrency 2', number: 1, stages: 1, done: 6, planned: 6, failed: 0, inFlight: 0 });
    expect(Math.max(...seen.map((progress) => progress.inFlight))).toBe(2);
  });
});

describe('a load test that does not go well', () => {
  it('counts failures by kind and goes on', async () => {
    const server = await keep(
      startScripted({
        answer: (response, body, index) => {
          // Two probes and a warm-up come first.
          if (index > 2 && index % 3 === 0) return refuse(response, 429, 'slow down');
          if (index > 2 && index % 3 === 1)
            return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"choices":[{"text":"a"}]}\n\n');
          streamWords(response, body, ['a', 'b', 'c']);
        },
      }),
    );
    const [stage] = (await run(loadTestOptions(server.url, { load: { mode: 'concurrency', levels: [1], requests: 9, durationMs: undefined } }))).stages;

    expect(stage?.requests).toEqual({ planned: 9, sent: 9, completed: 3, failed: 6, cancelled: 0 });
    expect(stage?.errors.map(({ kind, count }) => [kind, count])).toEqual([
      ['http 429', 3],
      ['upstream_cut', 3],
    ]);
    expect(stage?.ttftMs?.count).toBe(3);
  });

  it('cuts what is in flight when it is stopped, and keeps what it has', async () => {
    const stop = new AbortController();
    const server = await keep(
      startScripted({
        answer: (response, body, index) => {
          if (index >= 8) stop.abort();
          // An answer that never ends.
          if (index >= 7) return void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {"choices":[{"text":"a"}]}\n\n');
          streamWords(response, body, ['a', 'b']);
        },
      }),
    );
    const load = { mode: 'concurrency' as const, levels: [2, 4], requests: 50, durationMs: undefined };
    const report = await run(loadTestOptions(server.url, { load }), { signal: stop.signal });

    expect(report.complete).toBe(false);
    expect(report.stages).toHaveLength(1);
    expect(report.stages[0]).toMatchObject({ complete: false, requests: { planned: 50, completed: 4, failed: 0, cancelled: 2 } });
    expect(report.stages[0]?.e2eMs?.count).toBe(4);
  });

  it('gives up a request that takes too long', async () => {
    const server = await keep(
      startScripted({
        answer: (response, body, index) =>
          index < 3 ? streamWords(response, body, ['a']) : void response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
      }),
    );
    const load = { mode: 'concurrency' as const, levels: [2], requests: 2, durationMs: undefined };
    const [stage] = (await run(loadTestOptions(server.url, { load, timeoutMs: 300 }))).stages;

    expect(stage?.requests).toMatchObject({ completed: 0, failed: 2 });
    expect(stage?.errors[0]?.kind).toMatch(/timeout/);
  });

  it('keeps no key, no prompt and no answer in its report', async () => {
    const server = await keep(startScripted({ answer: (response, body) => streamWords(response, body, ['the-answer']) }));
    const report = JSON.stringify(await run(loadTestOptions(server.url, { key: 'sk-secret-1' })));

    expect(server.keys.at(-1)).toBe('Bearer sk-secret-1');
    const prompt = String(server.bodies.at(-1)?.['prompt']);
    for (const secret of ['sk-secret-1', 'the-answer', prompt.slice(0, 30)]) expect(report).not.toContain(secret);
  });

  it('says that no server is there', async () => {
    await expect(run(loadTestOptions('http://127.0.0.1:9'))).rejects.toMatchObject({ code: 'upstream_unreachable' });
  });
});
