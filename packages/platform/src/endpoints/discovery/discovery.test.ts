import { describe, expect, it } from 'vitest';
import { createMemoryKube } from '#kube';
import { createLog } from '#telemetry';
import { createFakeClock, createSeededIds, createSystemClock } from '#time';
import { dnsEndpoints } from './dns-endpoints.ts';
import { listedEndpoints } from './listed-endpoints.ts';
import { probeModel } from './model-probe.ts';
import { poolEndpoints } from './pool-endpoints.ts';

function listen() {
  const lists: string[][] = [];
  const problems: string[] = [];
  return {
    lists,
    problems,
    events: {
      onChange: (found: readonly { readonly url: string }[]) => lists.push(found.map(({ url }) => url)),
      onProblem: (_name: string, detail: string) => problems.push(detail),
      onWell: () => undefined,
    },
  };
}

describe('a written list', () => {
  it('gives each address once, in order, with the ports that its scheme means', async () => {
    const { lists, events } = listen();
    await listedEndpoints({ urls: ['http://b:8000', 'https://a', 'http://[::1]:9000/', 'http://b:8000'], prefillUrls: [] }, events).ready;

    expect(lists).toEqual([['http://[::1]:9000', 'https://a:443', 'http://b:8000']]);
  });
});

describe('a DNS name', () => {
  it('is asked again when its time to live is over, and keeps what it had while nobody answers', async () => {
    const clock = createFakeClock();
    const { lists, problems, events } = listen();
    let answer: () => Promise<{ address: string; ttlS: number }[]> = async () => [{ address: '10.0.0.1', ttlS: 30 }];
    const discovery = dnsEndpoints({
      ...events,
      name: 'llama.default.svc',
      type: 'a',
      port: 8000,
      clock,
      lookup: { addresses: () => answer(), services: async () => [] },
    });
    await discovery.ready;

    answer = () => Promise.reject(new TypeError('SERVFAIL'));
    await clock.advance(30_000);
    answer = async () => [
      { address: '10.0.0.2', ttlS: 5 },
      { address: 'fd00::1', ttlS: 60 },
    ];
    await clock.advance(5000);
    answer = async () => [];
    await clock.advance(5000);
    await discovery.close();

    expect(lists).toEqual([['http://10.0.0.1:8000'], ['http://10.0.0.2:8000', 'http://[fd00::1]:8000'], []]);
    expect(problems).toEqual(['DNS for llama.default.svc: SERVFAIL']);
    expect(clock.pending()).toBe(0);
  });

  it('gives host and port by SRV records', async () => {
    const { lists, events } = listen();
    const discovery = dnsEndpoints({
      ...events,
      name: '_http._tcp.llama',
      type: 'srv',
      port: 1,
      clock: createFakeClock(),
      lookup: {
        addresses: async (name) => [{ address: name === 'a' ? '10.0.0.1' : '10.0.0.2', ttlS: 5 }],
        services: async () => [
          { name: 'a', port: 81 },
          { name: 'b', port: 82 },
        ],
      },
    });
    await discovery.ready;
    await discovery.close();

    expect(lists).toEqual([['http://10.0.0.1:81', 'http://10.0.0.2:82']]);
  });
});

describe('an InferencePool', () => {
  it('is its ready pods, each with its target ports, as they come and go', async () => {
    const clock = createSystemClock();
    const kube = createMemoryKube({ ids: createSeededIds(), nowMs: () => clock.nowMs() });
    const { lists, events } = listen();
    const pod = (name: string, ip: string, labels: Record<string, string>, ready = 'True') =>
      kube.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', labels },
        status: { podIP: ip, conditions: [{ type: 'Ready', status: ready }] },
      });
    await kube.create({
      apiVersion: 'inference.networking.k8s.io/v1',
      kind: 'InferencePool',
      metadata: { name: 'llama', namespace: 'default' },
      spec: { selector: { matchLabels: { app: 'llama' } }, targetPorts: [{ number: 8000 }, { number: 8001 }] },
    });
    await pod('one', '10.0.0.1', { app: 'llama' });
    await pod('other', '10.0.0.9', { app: 'else' });
    await pod('slow', '10.0.0.3', { app: 'llama' }, 'False');
    const discovery = poolEndpoints({ ...events, pool: 'llama', namespace: 'default', kube, clock, random: () => 0, log: createLog('silent') });
    await discovery.ready;
    expect(lists.at(-1)).toEqual(['http://10.0.0.1:8000', 'http://10.0.0.1:8001']);

    await kube.delete({ apiVersion: 'v1', kind: 'Pod', name: 'one', namespace: 'default' });
    for (let round = 0; round < 400 && lists.at(-1)?.length !== 0; round += 1) await clock.sleep(5);
    await discovery.close();

    expect(lists.at(-1)).toEqual([]);
  });
});

describe('an address that is asked', () => {
  const ask = (answers: Record<string, unknown>, dynamo = false) =>
    probeModel({
      url: 'http://a:1',
      names: ['llama'],
      dynamo,
      signal: new AbortController().signal,
      client: { ask: async ({ url }) => Buffer.from(JSON.stringify(answers[new URL(url).pathname] ?? {})), close: async () => undefined },
    });

  it('serves the model, an adapter of it, or another one', async () => {
    expect(await ask({ '/v1/models': { data: [{ id: 'llama' }] } })).toMatchObject({ state: 'serves', lora: false });
    expect(await ask({ '/v1/models': { data: [{ id: 'base' }, { id: 'llama', parent: 'base' }] } })).toMatchObject({ state: 'serves', lora: true });
    expect(await ask({ '/v1/models': { data: [{ id: 'qwen' }] } })).toEqual({ state: 'other-model', models: ['qwen'] });
    expect(await ask({})).toMatchObject({ state: 'unreachable' });
  });

  it('is of no use as a Dynamo frontend without workers', async () => {
    const models = { data: [{ id: 'llama' }] };

    expect(await ask({ '/v1/models': models, '/health': { instances: [] } }, true)).toEqual({ state: 'no-workers' });
    expect(await ask({ '/v1/models': models, '/health': { instances: [{}] } }, true)).toMatchObject({ state: 'serves' });
    expect(await ask({ '/v1/models': { data: [] }, '/health': {} }, true)).toEqual({ state: 'no-workers' });
  });
});
