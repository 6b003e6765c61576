import type { Model } from '@maru/api/resources';
import { afterEach, describe, expect, it } from 'vitest';
import type { AffinityFault, CanaryResult } from '#endpoints';
import type { RequestFacts } from '#gateway';
import { parseResources } from '#resources';
import { promptFactsOf } from '#router';
import { createLog } from '#telemetry';
import { createSeededIds, createSystemClock } from '#time';
import { chatBody, type ServedTwin, type ServedTwinOptions, serveTwin } from './__fixtures__/served-twin.ts';
import { createEndpointFleets, type EndpointFleets } from './endpoint-fleets.ts';

const clock = createSystemClock();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const until = async (what: () => boolean): Promise<void> => {
  const endMs = clock.monotonicMs() + 8000;
  while (!what()) {
    if (clock.monotonicMs() > endMs) expect.fail(`not within 8 s: ${what.toString()}`);
    await clock.sleep(5);
  }
};

function modelFor(twin: ServedTwin, more = ''): Model {
  const yaml = `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: llama }
spec:
  serving:
    engine: vllm
    servedName: twin-model
    endpoints:
      urls: ["${twin.url}"]
      metrics: { every: 2s }
      kvEvents: { port: ${twin.eventPort}, replayPort: ${twin.replayPort}, ranks: 1 }
${more}`;
  const { resources } = parseResources(yaml);
  return resources[0]?.resource as Model;
}

function open(): EndpointFleets {
  const fleets = createEndpointFleets({ clock, ids: createSeededIds(), log: createLog('silent'), engineOf: () => undefined, onChange: () => undefined });
  closers.push(() => fleets.close());
  return fleets;
}

const factsOf = (body: object): RequestFacts =>
  ({ operation: 'chat', promptBytes: Buffer.from(JSON.stringify(body)), value: () => body }) as unknown as RequestFacts;

async function expected(fleets: EndpointFleets, twin: ServedTwin, body: object): Promise<number | undefined> {
  const endMs = clock.monotonicMs() + 8000;
  for (;;) {
    const prompt = promptFactsOf(body as Record<string, unknown>);
    await fleets.prepare(['llama'], factsOf(body), prompt);
    const cached = fleets.fleetOf('llama')?.cachedTokens(twin.name, prompt);
    // On a busy machine the twin may tokenize later than a decision waits.
    if (cached !== undefined || clock.monotonicMs() > endMs) return cached;
  }
}

describe('a fleet of twins', () => {
  it('knows exactly what a cache holds, through a storm of requests, lost messages and a restart', async () => {
    const twin = await serveTwin({ kvBlocks: 300 });
    closers.push(() => twin.close());
    await twin.ask(chatBody(1));
    const fleets = open();
    fleets.sync([modelFor(twin)]);
    const fleet = fleets.fleetOf('llama');
    await fleet?.ready;
    expect(fleet?.usable().map(({ name }) => name)).toEqual([twin.name]);

    const agrees = async (): Promise<void> => {
      await until(() => fleet?.knowledge()[0]?.inStep === true && twin.sent() === fleet.knowledge()[0]?.last);
      for (let topic = 0; topic < 30; topic += 1) expect(await expected(fleets, twin, chatBody(topic))).toBe(twin.cached(chatBody(topic)));
    };

    await agrees();
    await Promise.all(Array.from({ length: 60 }, (_, index) => twin.ask(chatBody(index % 30))));
    await agrees();

    twin.loseNext(5);
    for (let topic = 0; topic < 12; topic += 1) await twin.ask(chatBody(topic * 2));
    await agrees();
    expect(fleet?.degradations().map(({ name }) => name)).toContain('kv-gap');

    await twin.restart();
    await twin.ask(chatBody(3));
    await until(() => fleet?.degradations().some(({ name }) => name === 'kv-restart') === true);
    await agrees();
  }, 60_000);
});

describe('a fleet of twins that keep blocks in the memory of the host', () => {
  it('is expected to find what has left the GPU', async () => {
    const kvOffload = { cpuTokens: 100_000, cpuGigabytesPerS: 25, diskGigabytesPerS: 5, bytesPerToken: 131_072 };
    const twin = await serveTwin({ kvBlocks: 60, mechanisms: { kvOffload } });
    closers.push(() => twin.close());
    const fleets = open();
    fleets.sync([modelFor(twin)]);
    const fleet = fleets.fleetOf('llama');
    await fleet?.ready;

    for (let topic = 0; topic < 12; topic += 1) await twin.ask(chatBody(topic));
    await until(() => fleet?.knowledge()[0]?.inStep === true && twin.sent() === fleet.knowledge()[0]?.last);

    expect(twin.cached(chatBody(0))).toBe(0);
    expect(await expected(fleets, twin, chatBody(0))).toBeGreaterThan(0);
    expect(fleet?.degradations()).toEqual([]);
  }, 60_000);
});

describe('a canary pair', () => {
  const check = async (
    options: ServedTwinOptions,
    change: (twin: ServedTwin, model: Model) => Model = (_twin, model) => model,
  ): Promise<CanaryResult | undefined> => {
    const twin = await serveTwin(options);
    closers.push(() => twin.close());
    const fleets = open();
    fleets.sync([change(twin, modelFor(twin))]);
    const fleet = fleets.fleetOf('llama');
    await fleet?.ready;
    const [result] = (await fleet?.selfCheck()) ?? [];
    return result;
  };
  const endpointsWith = (model: Model, more: object): Model =>
    ({ ...model, spec: { ...model.spec, serving: { ...model.spec.serving, endpoints: { ...model.spec.serving?.endpoints, ...more } } } }) as Model;

  it('is silent where affinity works, whatever seed the engine hashes with', async () => {
    const result = await check({ kvBlocks: 500, encoding: 'map' });

    expect(result?.faults).toEqual([]);
    expect(result?.expectedTokens).toBe(result?.realisedTokens);
    expect(result?.realisedTokens).toBeGreaterThan(0);
  });

  it.each<[AffinityFault, ServedTwinOptions, ((twin: ServedTwin, model: Model) => Model)?]>([
    ['kv-no-events', { kvBlocks: 500, events: false }],
    ['tokens-estimated', { kvBlocks: 500, tokenizes: false }],
    ['tokenizer-mismatch', { kvBlocks: 500, otherTokens: true }],
    ['kv-block-size-mismatch', { kvBlocks: 500, metricsBlockSize: 64 }],
    ['kv-overlap-zero', { kvBlocks: 500, extraKeys: ['pepper'] }],
    ['prefix-caching-off', { kvBlocks: 500, prefixCaching: false }],
    ['metrics-stale', { kvBlocks: 500 }, (_twin, model) => endpointsWith(model, { metrics: { every: '2s', models: [], path: '/none' } })],
  ])(
    'finds %s',
    async (fault, options, change) => {
      expect((await check(options, change))?.faults).toContain(fault);
    },
    30_000,
  );
});
