import { modelKind } from '@maru/api/resources';
import { afterEach, describe, expect, it } from 'vitest';
import { createTwinEngine, createTwinServer, type TwinEngine } from '#engines';
import { createLog } from '#telemetry';
import { createSeededIds, createSystemClock } from '#time';
import { createEndpointFleets } from './endpoint-fleets.ts';

const clock = createSystemClock();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const modelOf = (name: string, serving: object): ReturnType<typeof modelKind.schema.parse> =>
  modelKind.schema.parse({ apiVersion: 'maru.dev/v1alpha1', kind: 'Model', metadata: { name }, spec: { serving } });

/** A served twin of a kind of engine, with one request that runs on and one that has ended. */
async function busyTwin(metrics: string, ranks: number): Promise<{ readonly url: string; readonly name: string; readonly engine: TwinEngine }> {
  const serving = {
    engine: 'twin',
    servedName: 'llama',
    parallelism: { data: ranks },
    twin: { speed: 10, kvBlocks: 500, blockSize: 32, mechanisms: { metrics, ...(metrics === 'vllm' ? { lora: { maxLoras: 3, adapters: ['legal'] } } : {}) } },
  };
  const engine = createTwinEngine({ model: modelOf('twin', serving), replica: 0, clock, ids: createSeededIds() });
  const server = await createTwinServer({ engine, port: 0 });
  closers.push(() => server.close());
  const ask = (body: object): Promise<Response> => fetch(`${server.url}/v1/completions`, { method: 'POST', body: JSON.stringify(body) });
  const prompt = 'the same beginning '.repeat(40);
  for (let count = 0; count < 2 * ranks; count += 1) await (await ask({ prompt, max_tokens: 2 })).text();
  const model = metrics === 'vllm' ? 'legal' : 'llama';
  const running = await ask({ model, prompt: 'and one more', stream: true, ignore_eos: true, max_tokens: 10_000 });
  closers.push(async () => running.body?.cancel());
  return { url: server.url, name: new URL(server.url).host, engine };
}

describe('what a router reads of a twin', () => {
  it.each([
    ['vllm', 'vllm', 1],
    ['vllm', 'vllm', 2],
    ['sglang', 'sglang', 1],
    ['sglang', 'sglang', 2],
    ['tensorrt-llm', 'trtllm-serve', 1],
    ['tensorrt-llm', 'trtllm-serve', 2],
  ])('is what the twin knows of itself, in the words of %s (%s) with %i ranks', async (metrics, dialect, ranks) => {
    const twin = await busyTwin(metrics, ranks);
    const fleets = createEndpointFleets({ clock, ids: createSeededIds(), log: createLog('silent'), engineOf: () => undefined, onChange: () => undefined });
    closers.push(() => fleets.close());
    fleets.sync([modelOf('llama', { engine: metrics, servedName: 'llama', endpoints: { urls: [twin.url], metrics: { every: '1h' } } })]);
    const fleet = fleets.fleetOf('llama');
    await fleet?.ready;

    expect(fleet?.usable().map(({ name }) => name)).toEqual([twin.name]);
    const read = fleet?.signals(twin.name);
    expect(read?.signals).toMatchObject({ dialect, running: 1, waiting: 0, models: ['llama'], broken: 0 });
    expect(read?.signals?.ranks).toHaveLength(ranks);
    expect(read).toMatchObject({ blockSize: 32, blocks: 500 * ranks, kvTokens: 16_000 * ranks, stale: false });
    expect(read?.signals?.kvUse).toBeGreaterThan(0);
    expect(read?.signals?.promptTokens).toBeGreaterThan(0);
    if (metrics !== 'tensorrt-llm') expect(read?.signals?.cachedTokens).toBeGreaterThan(0);
    expect(read?.signals?.adapters).toEqual(metrics === 'vllm' ? { max: 3, running: ['legal'], waiting: [] } : undefined);
    expect(fleet?.degradations()).toEqual([]);
  });
});
