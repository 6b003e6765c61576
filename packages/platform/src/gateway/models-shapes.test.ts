import { afterEach, describe, expect, it } from 'vitest';
import { entryOf, startTestGateway, TEST_KEY, type TestGateway } from './__fixtures__/test-gateway.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const ENTRIES = [entryOf('sim-8b', { contextWindow: 8192, description: 'A small one' }), entryOf('agent/guide', { kind: 'agent' }), entryOf('secret')];

async function start(): Promise<TestGateway> {
  const principals = { [TEST_KEY]: { tenant: 't', keyId: 'k', allows: (name: string) => name !== 'secret' } };
  const gateway = await startTestGateway({ attempts: () => [], entries: ENTRIES, principals });
  closers.push(() => gateway.close());
  return gateway;
}

const get = async (gateway: TestGateway, path: string, headers: Record<string, string>): Promise<Response> => fetch(gateway.url + path, { headers });

describe('the models that a key may use', () => {
  it('are listed as Anthropic does for its clients', async () => {
    const gateway = await start();
    const headers = { 'x-api-key': TEST_KEY, 'anthropic-version': '2023-06-01' };

    const list = await (await get(gateway, '/v1/models?limit=20', headers)).json();
    const one = await (await get(gateway, '/v1/models/sim-8b', headers)).json();

    expect(list).toEqual({
      data: [
        { type: 'model', id: 'sim-8b', display_name: 'A small one', created_at: '2025-10-09T08:53:20.000Z' },
        { type: 'model', id: 'agent/guide', display_name: 'agent/guide', created_at: '2025-10-09T08:53:20.000Z' },
      ],
      has_more: false,
      first_id: 'sim-8b',
      last_id: 'agent/guide',
    });
    expect(one).toMatchObject({ type: 'model', id: 'sim-8b' });
  });

  it('are listed as Google does below /v1beta', async () => {
    const gateway = await start();
    const headers = { 'x-goog-api-key': TEST_KEY };

    const list = (await (await get(gateway, '/v1beta/models', headers)).json()) as { models: { name: string }[] };
    const one = await (await get(gateway, '/v1beta/models/agent%2Fguide', headers)).json();

    expect(list.models.map((model) => model.name)).toEqual(['models/sim-8b', 'models/agent/guide']);
    expect(list.models[0]).toMatchObject({ inputTokenLimit: 8192, supportedGenerationMethods: expect.arrayContaining(['generateContent']) });
    expect(one).toMatchObject({ name: 'models/agent/guide' });
  });

  it('are refused in the shape of the path', async () => {
    const gateway = await start();

    const forbidden = await get(gateway, '/v1beta/models/secret', { 'x-goog-api-key': TEST_KEY });
    const unknown = await get(gateway, '/v1beta/models/nothing', { 'x-goog-api-key': TEST_KEY });
    const broken = await get(gateway, '/v1/models/%ZZ', { authorization: `Bearer ${TEST_KEY}` });

    expect([forbidden.status, unknown.status, broken.status]).toEqual([403, 404, 400]);
    expect(await forbidden.json()).toMatchObject({ error: { status: 'PERMISSION_DENIED' } });
    expect(await broken.json()).toMatchObject({ error: { code: 'invalid_request' } });
  });
});
