import { modelEntrySchema, modelListSchema } from '@maru/api/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { entryOf, startTestGateway, TEST_KEY, type TestGateway } from './__fixtures__/test-gateway.ts';
import type { CatalogueEntry, Principal } from './ports.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(entries: readonly CatalogueEntry[], models?: readonly string[]): Promise<TestGateway> {
  const principal: Principal = { tenant: 't', keyId: 'k', ...(models === undefined ? {} : { allows: (name) => models.includes(name) }) };
  const gateway = await startTestGateway({ attempts: () => [], entries, principals: { [TEST_KEY]: principal } });
  closers.push(() => gateway.close());
  return gateway;
}

const get = (gateway: TestGateway, path: string): Promise<Response> => fetch(gateway.url + path, { headers: { authorization: `Bearer ${TEST_KEY}` } });

const ENTRIES = [
  entryOf('auto', { kind: 'route', description: 'Picks a model' }),
  entryOf('sim-8b', { simulated: true, capabilities: ['chat', 'tools'], contextWindow: 8192 }),
  entryOf('agent/guide', { kind: 'agent' }),
];

describe('GET /v1/models', () => {
  it('lists what there is, and says what is simulated', async () => {
    const gateway = await start(ENTRIES);

    const list = modelListSchema.parse(await (await get(gateway, '/v1/models')).json());

    expect(list.data).toEqual([
      { id: 'auto', object: 'model', created: 1_760_000_000, owned_by: 'maru', maru: { kind: 'route', simulated: false, description: 'Picks a model' } },
      {
        id: 'sim-8b',
        object: 'model',
        created: 1_760_000_000,
        owned_by: 'maru',
        maru: { kind: 'model', simulated: true, capabilities: ['chat', 'tools'], context_window: 8192 },
      },
      { id: 'agent/guide', object: 'model', created: 1_760_000_000, owned_by: 'maru', maru: { kind: 'agent', simulated: false } },
    ]);
  });

  it('says which request and trace it was', async () => {
    const response = await get(await start(ENTRIES), '/v1/models/');

    expect(response.headers.get('x-request-id')).toBe('req_000001');
    expect(response.headers.get('x-maru-trace-id')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('shows a key only what it may use', async () => {
    const gateway = await start(ENTRIES, ['auto']);

    expect(modelListSchema.parse(await (await get(gateway, '/v1/models')).json()).data.map((entry) => entry.id)).toEqual(['auto']);
    expect((await get(gateway, '/v1/models/sim-8b')).status).toBe(403);
  });

  it('does not suggest names that the key may not use', async () => {
    const gateway = await start(ENTRIES, ['auto']);

    expect(await (await get(gateway, '/v1/models/sim-8')).text()).not.toContain('sim-8b');
  });

  it.each(['agent/guide', 'agent%2Fguide', 'agent/guide/', 'agent/guide?x=1'])('finds a name with a slash: %s', async (path) => {
    const gateway = await start(ENTRIES);

    expect(modelEntrySchema.parse(await (await get(gateway, `/v1/models/${path}`)).json()).id).toBe('agent/guide');
  });

  it('refuses broken percent-encoding', async () => {
    expect((await get(await start(ENTRIES), '/v1/models/%E0%A4%A')).status).toBe(400);
  });

  it('needs a key', async () => {
    const gateway = await start(ENTRIES);

    expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(401);
  });
});
