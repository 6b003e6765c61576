import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Admin, startAdmin } from './start-admin.ts';

let admin: Admin;
beforeAll(async () => {
  admin = await startAdmin();
});
afterAll(() => admin.close());
const keyOf = async (body: Record<string, unknown>): Promise<string> => String((await admin.post('/key/generate', body)).json['key']);
/** All of time, for every clock. */
const dates = 'start_date=2020-01-01&end_date=2120-01-01';

describe('/model', () => {
  const params = { model: 'hosted_vllm/x', api_base: 'http://127.0.0.1:9/v1', temperature: 0.1 };

  it('is added, read, changed and taken away', async () => {
    expect((await admin.post('/model/new', { model_name: 'added', litellm_params: params, model_info: { id: 'a-1' } })).json).toMatchObject({
      model_id: 'a-1',
    });
    expect((await admin.get('/model/info?litellm_model_id=a-1')).json).toMatchObject({ data: [{ model_name: 'added', litellm_params: params }] });
    expect((await admin.get('/v2/model/info?litellm_model_id=a-1')).status).toBe(200);
    const change = { model_info: { id: 'a-1' }, litellm_params: { temperature: 0.9 } };
    expect((await admin.post('/model/update', change)).json).toMatchObject({ litellm_params: { model: 'hosted_vllm/x', temperature: 0.9 } });
    expect((await admin.ask('PATCH', '/model/a-1/update', { body: { model_name: 'moved' } })).json).toMatchObject({ model_name: 'moved' });
    expect((await admin.get('/model_group/info?model_group=moved')).json).toMatchObject({ data: [{ model_group: 'moved' }] });
    expect((await admin.post('/model/delete', { id: 'a-1' })).status).toBe(200);
    expect((await admin.get('/model/info?litellm_model_id=a-1')).status).toBe(404);
  });

  it('never takes a secret in plain text, an unknown provider or a known id', async () => {
    const add = async (litellm_params: Record<string, unknown>, id = 'b') =>
      (await admin.post('/model/new', { model_name: 'b', litellm_params, model_info: { id } })).status;

    expect(await add({ model: 'openai/x', api_key: 'sk-plain' })).toBe(400);
    expect(await add({ model: 'nobody/x' })).toBe(400);
    expect(await add({ model: 'hosted_vllm/x', api_base: 'http://127.0.0.1:9/v1' }, 'chat-1')).toBe(409);
    expect((await admin.post('/model/new', { litellm_params: { model: 'openai/x' } })).status).toBe(400);
    expect((await admin.post('/model/update', { model_info: { id: 'gone' } })).status).toBe(404);
    expect((await admin.post('/model/update', {})).status).toBe(400);
    expect((await admin.post('/model/delete', { id: 'gone' })).status).toBe(404);
  });

  it('shows a key only the models that it may use', async () => {
    const key = await keyOf({ models: ['other'] });

    expect(((await admin.get('/model/info', key)).json['data'] as { model_name: string }[]).map((model) => model.model_name)).toEqual(['other']);
    expect(((await admin.get('/model_group/info', key)).json['data'] as { model_group: string }[]).map((group) => group.model_group)).toEqual(['other']);
    expect((await admin.get('/model/info?litellm_model_id=chat-1', key)).status).toBe(404);
    expect((await admin.get('/utils/supported_openai_params?model=chat', key)).json['supported_openai_params']).toContain('temperature');
    expect((await admin.get('/utils/supported_openai_params?model=gone', key)).status).toBe(404);
  });
});

describe('/credentials', () => {
  it('are kept by reference, used by models, changed and deleted', async () => {
    const values = { api_key: 'os.environ/PATH', api_base: 'http://127.0.0.1:9/v1' };
    expect((await admin.post('/credentials', { credential_name: 'vllm', credential_values: values, credential_info: { owner: 'me' } })).json).toMatchObject({
      success: true,
    });
    expect((await admin.get('/credentials')).json).toMatchObject({ credentials: [{ credential_name: 'vllm', credential_values: values }] });
    expect((await admin.ask('PATCH', '/credentials/vllm', { body: { credential_values: { api_base: 'http://127.0.0.1:8/v1' } } })).status).toBe(200);
    expect((await admin.get('/credentials/by_name/vllm')).json).toMatchObject({
      credential_values: { api_key: 'os.environ/PATH', api_base: 'http://127.0.0.1:8/v1' },
      credential_info: { owner: 'me' },
    });
    const entry = { model_name: 'by-credential', litellm_params: { model: 'hosted_vllm/x', litellm_credential_name: 'vllm' }, model_info: { id: 'c-1' } };
    expect((await admin.post('/model/new', entry)).json).toMatchObject({ litellm_params: { api_base: 'http://127.0.0.1:8/v1' } });
    expect((await admin.ask('DELETE', '/credentials/vllm')).status).toBe(200);
    expect((await admin.get('/credentials/by_name/vllm')).status).toBe(404);
    expect((await admin.post('/model/delete', { id: 'c-1' })).status).toBe(200);
  });

  it('never hold a secret', async () => {
    for (const name of ['api_key', 'client_secret', 'aws_session_token', 'vertex_credentials', 'azure_password', 'aws_access_key_id'])
      expect((await admin.post('/credentials', { credential_name: 'x', credential_values: { [name]: 'plain' } })).status).toBe(400);
    expect((await admin.get('/credentials')).json).toMatchObject({ credentials: [] });
    expect((await admin.post('/credentials', { credential_name: 'x' })).status).toBe(400);
    expect((await admin.ask('PATCH', '/credentials/gone', { body: {} })).status).toBe(404);
    expect((await admin.ask('DELETE', '/credentials/gone')).status).toBe(404);
  });
});

describe('/fallback', () => {
  it('sends the requests of a model that fails to another', async () => {
    await admin.post('/model/new', { model_name: 'dead', litellm_params: { model: 'hosted_vllm/x', api_base: 'http://127.0.0.1:9/v1', num_retries: 0 } });
    const key = await keyOf({});
    expect((await admin.chat(key, 'dead')).status).toBe(502);

    expect((await admin.post('/fallback', { model: 'dead', fallback_models: ['한국어'] })).json).toMatchObject({ fallback_type: 'general' });
    expect((await admin.chat(key, 'dead')).json).toMatchObject({ choices: [{ message: { content: '안녕' } }] });
    expect((await admin.get('/fallback/dead')).json).toEqual({ model: 'dead', fallback_models: ['한국어'], fallback_type: 'general' });
    expect((await admin.get('/fallback/dead?fallback_type=content_policy')).status).toBe(404);

    expect((await admin.ask('DELETE', '/fallback/dead')).status).toBe(200);
    expect((await admin.chat(key, 'dead')).status).toBe(502);
    expect((await admin.post('/fallback', { model: 'dead', fallback_models: ['gone'] })).status).toBe(400);
    expect((await admin.post('/fallback', { model: 'dead', fallback_models: ['dead'] })).status).toBe(400);
    expect((await admin.post('/fallback', { model: 'gone', fallback_models: ['chat'] })).status).toBe(404);
    expect((await admin.post('/fallback', { model: 'dead', fallback_models: [] })).status).toBe(400);
  });
});

describe('/spend', () => {
  it('is shown per request, day, key, team, tag, customer and model', async () => {
    await admin.post('/team/new', { team_id: 'spenders', team_alias: 'Spenders' });
    const made = (await admin.post('/key/generate', { team_id: 'spenders', key_alias: 'spender', user_id: 'kim' })).json;
    const answer = (await admin.chat(String(made['key']), 'chat', { user: 'c-9', metadata: { tags: ['night'] } })).json as {
      usage: { prompt_tokens: number; completion_tokens: number };
    };
    const cost = answer.usage.prompt_tokens * 0.001 + answer.usage.completion_tokens * 0.002;

    const logs = await vi.waitFor(async () => {
      const found = (await admin.get(`/spend/logs?api_key=${String(made['key'])}`)).json as unknown as Record<string, unknown>[];
      expect(found).toHaveLength(1);
      return found;
    });
    expect(logs[0]).toMatchObject({ api_key: made['token'], model_group: 'chat', team_id: 'spenders', status: 'success', request_tags: ['night'] });
    expect(logs[0]?.['spend']).toBeCloseTo(cost, 9);

    const total = async (path: string): Promise<number> => Number(((await admin.get(path)).json['metadata'] as { total_spend: number }).total_spend);
    for (const path of [
      '/team/daily/activity?team_ids=spenders&',
      '/tag/daily/activity?tags=night&',
      '/customer/daily/activity?end_user_ids=c-9&',
      '/user/daily/activity?',
    ])
      expect(await total(path + dates)).toBeCloseTo(cost, 9);
    expect((await admin.get(`/user/daily/activity?${dates}`)).json).toMatchObject({ results: [{ breakdown: { providers: { reader: { metrics: {} } } } }] });
    expect((await admin.get('/global/spend/all_tag_names')).json).toEqual({ tag_names: ['night'] });
    expect((await admin.get('/tag/distinct')).json).toEqual({ results: [{ tag: 'night' }] });
    expect((await admin.get('/global/all_end_users')).json).toEqual([{ end_user: 'c-9' }]);
    expect((await admin.get(`/global/activity/model?${dates}`)).json).toContainEqual(expect.objectContaining({ model: 'chat-1', sum_api_requests: 1 }));
    expect((await admin.get('/global/spend')).json['spend']).toBeCloseTo(cost, 9);
    expect((await admin.get(`/global/spend/report?${dates}&group_by=team`)).json).toMatchObject([
      { teams: expect.arrayContaining([expect.objectContaining({ team_name: 'Spenders' })]) as unknown[] },
    ]);
    expect((await admin.get(`/team/spend/report?${dates}`)).json).toContainEqual(expect.objectContaining({ team_id: 'spenders', api_requests: 1 }));
    expect((await admin.get('/spend/tags')).json).toMatchObject([{ individual_request_tag: 'night', log_count: 1 }]);
    for (const path of [
      '/spend/keys',
      '/spend/users',
      '/global/spend/logs',
      '/global/spend/keys',
      '/global/spend/models',
      '/global/spend/provider',
      '/global/spend/teams',
      '/global/spend/tags',
      '/global/activity',
      '/spend_logs/users',
    ])
      expect([path, (await admin.get(path)).status]).toEqual([path, 200]);
    expect((await admin.post('/global/spend/end_users', {})).json).toMatchObject([{ end_user: 'c-9', total_count: 1 }]);
    expect((await admin.get('/user/daily/activity?start_date=yesterday&end_date=today')).status).toBe(400);
    expect((await admin.get('/tag/daily/activity')).status).toBe(400);
    expect((await admin.post('/global/spend/reset', {})).status).toBe(400);
  });

  it('is calculated before and after a call, and null without a price', async () => {
    const messages = [{ role: 'user', content: 'x'.repeat(400) }];
    const cost = async (body: object) => (await admin.post('/spend/calculate', body)).json['cost'];

    expect(await cost({ model: 'chat', messages })).toBeCloseTo(0.103, 9);
    expect(await cost({ completion_response: { model: 'chat', usage: { prompt_tokens: 10, completion_tokens: 5 } } })).toBeCloseTo(0.02, 9);
    expect(await cost({ completion_response: { model: 'openai/gpt-4o', usage: { prompt_tokens: 1_000_000 } } })).toBeGreaterThan(1);
    expect(await cost({ model: 'nobody/nothing', messages })).toBeNull();
    expect((await admin.post('/spend/calculate', { model: 'chat' })).status).toBe(400);
    expect((await admin.post('/spend/calculate', {})).status).toBe(400);
    expect((await admin.post('/utils/token_counter', { model: 'chat', prompt: 'x'.repeat(400) })).json).toMatchObject({
      total_tokens: 100,
      request_model: 'chat',
    });
    expect((await admin.post('/utils/token_counter', { model: 'chat', messages })).json).toMatchObject({ total_tokens: 103 });
    expect((await admin.post('/utils/token_counter', { model: 'chat' })).status).toBe(400);
  });
});
