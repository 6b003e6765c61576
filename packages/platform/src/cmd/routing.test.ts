import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  calibrationSchema,
  decisionDetailSchema,
  decisionListSchema,
  prefixPlacesSchema,
  routingSchema,
  simulationDetailSchema,
  simulationOptionsSchema,
  simulationSchema,
} from '@maru/api/wire';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readConfig } from '#config';
import { chatBody, type ServedTwin, serveTwin } from './__fixtures__/served-twin.ts';
import { type Platform, startPlatform } from './platform.ts';

const folder = mkdtempSync(join(tmpdir(), 'maru-routing-'));
let platform: Platform;
let twin: ServedTwin;

const stackOf = (served: ServedTwin): string => `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: sim}
spec:
  serving: {engine: twin, replicas: 2, twin: {speed: 50}}
  price: {inputUsdPerMillion: 1, outputUsdPerMillion: 3}
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: llama}
spec:
  serving:
    engine: vllm
    servedName: twin-model
    endpoints:
      urls: ["${served.url}", "http://127.0.0.1:9"]
      metrics: { every: 1s }
      kvEvents: { port: ${served.eventPort}, replayPort: ${served.replayPort}, ranks: 1 }
`;

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

const send = (path: string, body?: unknown, { method = body === undefined ? 'GET' : 'POST', headers = {} }: Sent = {}): Promise<Response> =>
  fetch(`${platform.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${platform.masterKey}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const read = async (path: string, body?: unknown): Promise<unknown> => (await send(path, body)).json();
const chat = async (messages: readonly object[], headers: Record<string, string> = {}): Promise<void> =>
  void (await (await send('/v1/chat/completions', { model: 'sim', max_tokens: 3, messages }, { headers })).text());

const MESSAGES = [{ role: 'user', content: 'what is known of a prefix is where it lives. '.repeat(60) }];

beforeAll(async () => {
  twin = await serveTwin({ kvBlocks: 300 });
  const stack = join(folder, 'stack.yaml');
  writeFileSync(stack, stackOf(twin));
  const config = readConfig({ port: '0', dataDir: join(folder, 'data') }, { MARU_LOG_LEVEL: 'silent' });
  platform = await startPlatform({ config, files: [stack], version: '0.0.0', say: () => undefined });
}, 60_000);
afterAll(async () => {
  await platform.close();
  await twin.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('the routing of the control plane', () => {
  it('tells where a request went, what the others would have meant, and where its prompt lives', async () => {
    await chat(MESSAGES);
    await chat(MESSAGES);

    const [decision] = decisionListSchema.parse(await read('/api/v1/decisions?model=sim&limit=1')).items;
    const detail = decisionDetailSchema.parse(await read(`/api/v1/routing/decisions/${decision?.id}`));
    const other = detail.elsewhere.find(({ endpoint }) => endpoint !== decision?.chosen);

    expect(detail.decision).toEqual(decision);
    expect(detail.elsewhere.find(({ endpoint }) => endpoint === decision?.chosen)?.ttftDeltaMs).toBe(0);
    expect(other?.ttftDeltaMs).toBeGreaterThan(0);
    expect(other?.promptCostNanoUsd).toBe((decision?.promptTokens ?? 0) * 1000);
    expect(decision?.candidates[0]?.costMs).toMatchObject({ queue: expect.any(Number), prefill: expect.any(Number) });
    expect(detail.places?.endpoints.map(({ endpoint, cachedTokens }) => [endpoint, cachedTokens > 500])).toEqual(
      expect.arrayContaining([
        [decision?.chosen, true],
        [other?.endpoint, false],
      ]),
    );
    expect((await send('/api/v1/routing/decisions/dec_none')).status).toBe(404);
  });

  it('finds the places of a typed prompt and of a session', async () => {
    await chat(MESSAGES, { 'x-maru-session': 'ses-7' });
    const typed = prefixPlacesSchema.parse(await read('/api/v1/routing:locate', { model: 'sim', messages: MESSAGES }));
    const { sessions } = routingSchema.parse(await read('/api/v1/routing'));

    expect(typed.blocks).toBeGreaterThan(8);
    expect(Math.max(...typed.endpoints.map(({ cachedTokens }) => cachedTokens))).toBe(typed.blocks * typed.blockTokens);
    expect(sessions).toEqual([expect.objectContaining({ session: 'ses-7', model: 'sim' })]);
    expect(prefixPlacesSchema.parse(await read('/api/v1/routing:locate', { session: 'ses-7' })).blocks).toBe(typed.blocks);
    expect((await send('/api/v1/routing:locate', { session: 'nobody' })).status).toBe(404);
    expect((await send('/api/v1/routing:locate', { model: 'nobody', messages: MESSAGES })).status).toBe(404);
    expect((await send('/api/v1/routing:locate', { model: 'sim' })).status).toBe(400);
  });

  it('tells what engines elsewhere report, what their caches hold by their own word, and what is degraded', async () => {
    await vi.waitFor(
      async () => {
        const { endpoints, degradations, workers } = routingSchema.parse(await read('/api/v1/routing'));
        const served = endpoints.find(({ model }) => model === 'llama');
        expect(served).toMatchObject({ report: { stale: false }, cache: { source: 'decisions' } });
        expect(endpoints.find(({ model }) => model === 'sim')).toMatchObject({ report: null, learned: { decisions: expect.any(Number) } });
        expect(degradations).toContainEqual(expect.objectContaining({ name: 'endpoint-unreachable', model: 'llama', endpoint: 'llama-127.0.0.1:9' }));
        expect(workers).toBe(0);
      },
      { timeout: 30_000, interval: 100 },
    );
    await twin.ask(chatBody(1));
    const messages = (chatBody(1) as { messages: unknown }).messages;
    await vi.waitFor(
      async () => {
        const { endpoints } = prefixPlacesSchema.parse(await read('/api/v1/routing:locate', { model: 'llama', messages }));
        expect(endpoints[0]).toMatchObject({ source: 'events' });
        expect(endpoints[0]?.cachedTokens).toBeGreaterThan(0);
      },
      { timeout: 30_000, interval: 100 },
    );
    const { endpoints } = routingSchema.parse(await read('/api/v1/routing'));
    expect(endpoints.find(({ model }) => model === 'llama')?.cache).toMatchObject({ source: 'events', inStep: true });
  });

  it('tells what was expected and what came of it, over time', async () => {
    const { items, stretchMs } = calibrationSchema.parse(await read('/api/v1/routing/calibration'));

    expect(stretchMs).toBe(300_000);
    expect(items.reduce((sum, point) => sum + point.decisions, 0)).toBeGreaterThan(2);
    expect(calibrationSchema.parse(await read('/api/v1/routing/calibration?fromMs=1&toMs=2')).items).toEqual([]);
  });

  it('is for the administrator alone', async () => {
    const { secret } = (await read('/api/v1/keys', { name: 'somebody' })) as { secret: string };
    for (const path of ['/api/v1/routing', '/api/v1/routing/calibration', '/api/v1/simulations', '/api/v1/simulation-options'])
      expect((await fetch(`${platform.url}${path}`, { headers: { authorization: `Bearer ${secret}` } })).status, path).toBe(403);
  });
});

describe('the simulations of the control plane', () => {
  it('are started, watched, reported and deleted', async () => {
    const { traces } = simulationOptionsSchema.parse(await read('/api/v1/simulation-options'));
    expect(traces.map(({ id }) => id)).toContain('made:rag');

    const started = simulationSchema.parse(await read('/api/v1/simulations', { trace: 'made:rag', requests: 40, policies: ['random', 'maru'], replicas: [2] }));
    await vi.waitFor(async () => expect(simulationDetailSchema.parse(await read(`/api/v1/simulations/${started.id}`)).simulation.state).toBe('succeeded'), {
      timeout: 60_000,
      interval: 100,
    });
    const report = await send(`/api/v1/simulations/${started.id}/report`);

    expect(report.headers.get('content-type')).toContain('text/html');
    expect(await report.text()).toContain('Simulated, not measured');
    expect((await send(`/api/v1/simulations/${started.id}:resume`, {})).status).toBe(409);
    expect((await send(`/api/v1/simulations/${started.id}`, undefined, { method: 'DELETE' })).status).toBe(204);
    expect((await send(`/api/v1/simulations/${started.id}`)).status).toBe(404);
    expect((await send('/api/v1/simulations', { trace: 'made:rag', policies: ['best'] })).status).toBe(400);
  });
});
