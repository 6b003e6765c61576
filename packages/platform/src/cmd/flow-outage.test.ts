import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PlatformError } from '@maru/api/errors';
import { modelKind } from '@maru/api/resources';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '#engines';
import { createFlowControl, createRouter, flowSettings, type RouterEndpoint } from '#router';
import { createLog } from '#telemetry';
import { createFakeClock, createSeededIds } from '#time';
import { createEndpointFleets, endpointName } from './endpoint-fleets.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const EVERY_MS = 500;
const BATCH = 10;

/** An engine whose batch is full while others wait in it, as its metrics say, until nobody can read them any more. */
async function setUp() {
  const world = { reachable: true };
  const server = createServer((request, response) => {
    if (request.url === '/v1/models') return void response.end('{"data":[{"id":"m"}]}');
    if (!world.reachable) return void response.writeHead(503).end();
    response.end(`vllm:num_requests_running{model_name="m"} ${BATCH}\nvllm:num_requests_waiting{model_name="m"} 9\n`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const clock = createFakeClock();
  const fleets = createEndpointFleets({ clock, ids: createSeededIds(), log: createLog('silent'), engineOf: () => undefined, onChange: () => undefined });
  closers.push(() => fleets.close());
  const serving = { engine: 'vllm', servedName: 'm', endpoints: { urls: [url], metrics: { every: `${EVERY_MS}ms` } } };
  fleets.sync([modelKind.schema.parse({ apiVersion: 'maru.dev/v1alpha1', kind: 'Model', metadata: { name: 'm' }, spec: { serving } })]);
  await fleets.fleetOf('m')?.ready;
  const engine: Engine = {
    endpoint: endpointName('m', new URL(url).host),
    model: 'm',
    provider: 'vllm',
    servedName: 'm',
    simulated: false,
    call: () => Promise.reject(new PlatformError('upstream_unreachable', { message: 'not called here' })),
    load: () => ({ running: 0, waiting: 0 }),
    close: () => Promise.resolve(),
  };
  const endpoint: RouterEndpoint = fleets.informed(engine);
  const settings = flowSettings(undefined);
  if (settings === undefined) throw new RangeError('flow control is on where nothing is said');
  const router = createRouter({ clock, ids: createSeededIds(1) });
  const flow = createFlowControl(clock);
  const model = { model: 'm', settings, hasRoom: () => router.hasRoom([endpoint], settings.saturation) };
  const gone: string[] = [];
  const facts = {
    promptTokens: 10,
    maxTokens: 5,
    tools: false,
    images: false,
    blockTokens: 64,
    features: () => undefined,
    difficulty: () => 0,
    complexity: () => 'simple' as const,
    blockHashes: () => [],
    prefixKey: () => 0,
  };
  const send = (count: number): void => {
    for (let index = 0; index < count; index += 1)
      flow.wait(
        model,
        { priority: 0, tenant: 't', program: 'p', costTokens: 10, bytes: 1 },
        {
          go: () => {
            gone.push(router.pickEndpoint({ requestId: `r${index}`, traceId: '', route: 'm', model: 'm', facts }, [endpoint]).decision.id);
          },
          shed: () => undefined,
        },
      );
  };
  const end = (count: number): void => {
    for (const id of gone.splice(0, count)) router.observe(id, { outcome: 'ok' });
    flow.freed('m');
  };
  return { world, clock, fleets, endpoint, gone, send, end, isOpen: () => flow.isOpen(model) };
}

describe('a scrape outage', () => {
  it('does not halt a model whose queue was full: requests go by what the engine was seen to take, and no more than that', async () => {
    const { world, clock, fleets, endpoint, gone, send, end, isOpen } = await setUp();
    expect([endpoint.load().reports, isOpen()]).toEqual(['fresh', false]);
    send(40);
    await clock.advance(100);
    expect(gone).toEqual([]);

    world.reachable = false;
    await clock.advance(5 * EVERY_MS);

    expect(endpoint.load().reports).toBe('stale');
    expect(
      fleets
        .fleetOf('m')
        ?.degradations()
        .map(({ name }) => name),
    ).toContain('metrics-stale');
    expect(gone).toHaveLength(BATCH + 5);

    end(4);

    expect(gone).toHaveLength(BATCH + 5);
    end(BATCH + 5);
    end(BATCH + 5);
    expect(isOpen()).toBe(true);
  });
});
