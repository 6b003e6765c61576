import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, startAdmin } from './start-admin.ts';

/** Everybody may ask these: a load balancer has no key. */
const PUBLIC = ['GET /health/liveliness', 'GET /health/liveness', 'GET /health/readiness'];
/** Keys of the data plane may ask these, about themselves and what they may use. */
const OF_KEYS = [
  'GET /key/info',
  'GET /model/info',
  'GET /model_group/info',
  'GET /utils/supported_openai_params',
  'GET /v1/model/info',
  'GET /v2/model/info',
  'POST /key/health',
  'POST /spend/calculate',
  'POST /utils/token_counter',
];

describe('routes of the admin API', () => {
  let admin: Admin;
  let routes: string[];
  let secret: string;
  beforeAll(async () => {
    admin = await startAdmin();
    const { paths } = (await admin.get('/api/openapi.json')).json as { paths: Record<string, Record<string, { summary: string }>> };
    routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => operation.summary.startsWith('LiteLLM: '))
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    );
    secret = String((await admin.post('/key/generate', {})).json['key']);
  });
  afterAll(() => admin.close());

  const statusOf = async (route: string, key: string | null): Promise<number> => {
    const [method = '', path = ''] = route.split(' ');
    return (await admin.ask(method, path.replace(/\{\w+\}/g, 'x'), { key, ...(method === 'GET' ? {} : { body: {} }) })).status;
  };

  it('are many', () => {
    expect(routes.length).toBeGreaterThan(100);
    for (const route of [...PUBLIC, ...OF_KEYS]) expect(routes).toContain(route);
  });

  it('stand in the tables of docs/migrate-from-litellm.md, and nothing else does', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../../../docs/migrate-from-litellm.md'), 'utf8');
    const [, there = '', rest = ''] = /\| Group \| Paths \|\n([\s\S]*?)\n\n([\s\S]*?)\n\n/.exec(text) ?? [];
    const refused = rest.split('\n').filter((row) => row.includes('| Refused:'));
    const written = [...`${there}${refused.join()}`.matchAll(/`(\/[^`]*)`/g)].map((match) => match[1] ?? '');
    const served = routes.map((each) => (each.split(' ')[1] ?? '').replace(/\{(\w+)\}/g, ':$1'));

    expect(new Set(written)).toEqual(new Set([...served.filter((path) => !path.startsWith('/end_user/')), '/end_user']));
  });

  it('refuse whoever has no key, or a wrong one', async () => {
    for (const route of routes.filter((each) => !PUBLIC.includes(each)))
      for (const key of [null, 'sk-of-nobody', 'not-a-key']) expect([route, key, await statusOf(route, key)]).toEqual([route, key, 401]);
  });

  it('refuse keys of the data plane, before they read a body', async () => {
    for (const route of routes.filter((each) => !PUBLIC.includes(each) && !OF_KEYS.includes(each)))
      expect([route, await statusOf(route, secret)]).toEqual([route, 403]);
  });

  it('take keys of the type management, until they are blocked', async () => {
    const { key } = (await admin.post('/key/generate', { key_type: 'management' })).json;

    expect((await admin.get('/key/list', String(key))).status).toBe(200);
    await admin.post('/key/block', { key });
    expect((await admin.get('/key/list', String(key))).status).toBe(403);
  });

  it('say which methods a path takes', async () => {
    expect((await admin.ask('DELETE', '/key/generate')).status).toBe(405);
  });

  it('that are not there are not found, and never the page of the console', async () => {
    expect((await admin.get('/guardrails/usage/overview')).status).toBe(404);
    expect((await admin.post('/cloudzero/init', {})).status).toBe(404);
  });

  it('change the configuration in its file only', async () => {
    for (const path of ['/config/update', '/config/field/update', '/config/pass_through_endpoint']) expect((await admin.post(path, {})).status).toBe(400);
    expect((await admin.get('/config/pass_through_endpoint')).json).toEqual({ endpoints: [] });
    expect((await admin.get('/router/settings')).json).toMatchObject({ current_values: { chat: { routing_strategy: 'simple-shuffle' } } });
    expect((await admin.get('/callbacks/list')).json).toEqual({ success: [], failure: [], success_and_failure: [] });
    expect((await admin.get('/get/config/callbacks')).json).toMatchObject({ callbacks: [] });
  });

  it('tell everybody whether the platform serves, and the administrator how its models do', async () => {
    expect((await admin.ask('GET', '/health/readiness', { key: null })).json).toMatchObject({ status: 'healthy' });
    expect((await admin.get('/health')).json).toMatchObject({ healthy_count: 3, unhealthy_count: 0 });
    expect((await admin.get('/health?model=chat')).json).toMatchObject({ healthy_endpoints: [{ model_id: 'chat-1' }] });
    expect((await admin.get('/health/latest')).json).toMatchObject({ latest_health_checks: { 'chat-1': { status: 'healthy' } } });
    expect((await admin.get('/health/services?service=slack')).status).toBe(400);
  });
});
