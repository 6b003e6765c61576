import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, startAdmin } from './start-admin.ts';

const RULES = `
model_list:
  - { model_name: chat, litellm_params: { model: openai/gpt-4o, mock_response: hello, input_cost_per_token: 0.001, output_cost_per_token: 0.002 } }
general_settings: { master_key: sk-the-master-of-these-tests }
litellm_settings:
  default_key_generate_params: { max_budget: 3, models: [chat] }
  upperbound_key_generate_params: { max_budget: 10, duration: 30d, rpm_limit: 100 }
  default_team_params: { max_budget: 7 }
  default_internal_user_params: { user_role: internal_user_viewer }
`;

describe('/key', () => {
  let admin: Admin;
  beforeAll(async () => {
    admin = await startAdmin();
  });
  afterAll(() => admin.close());
  const make = async (body: Record<string, unknown> = {}): Promise<Record<string, unknown>> => (await admin.post('/key/generate', body)).json;

  it('is made, read, changed, refused, taken again and deleted', async () => {
    const made = await make({ key_alias: 'first', models: ['chat'], max_budget: 5, rpm_limit: 60, duration: '30d', metadata: { a: 1 } });
    const key = String(made['key']);
    expect(made).toMatchObject({ key_alias: 'first', models: ['chat'], max_budget: 5, rpm_limit: 60, metadata: { a: 1 }, spend: 0, blocked: false });
    expect(String(made['token'])).toMatch(/^[0-9a-f]{64}$/);
    expect((await admin.chat(key)).status).toBe(200);

    const info = (await admin.get(`/key/info?key=${key}`)).json;
    expect(info).toMatchObject({ key, info: { key_alias: 'first', max_budget: 5 } });
    expect(JSON.stringify(info['info'])).not.toContain(key);

    expect((await admin.post('/key/update', { key, models: ['other'] })).json).toMatchObject({ models: ['other'], max_budget: 5, metadata: { a: 1 } });
    expect((await admin.chat(key)).status).toBe(403);
    expect((await admin.chat(key, 'other')).status).toBe(200);

    expect((await admin.post('/key/block', { key })).json).toMatchObject({ blocked: true });
    expect((await admin.chat(key, 'other')).status).toBe(403);
    expect((await admin.post('/key/unblock', { key })).json).toMatchObject({ blocked: false });
    expect((await admin.chat(key, 'other')).status).toBe(200);

    expect((await admin.post('/key/delete', { keys: [key] })).json).toEqual({ deleted_keys: [key] });
    expect((await admin.chat(key, 'other')).status).toBe(401);
    expect((await admin.get(`/key/info?key=${key}`)).status).toBe(404);
  });

  it('gets a new secret by both paths, and the old one is refused', async () => {
    for (const path of ['/key/regenerate', '']) {
      const key = String((await make({ max_budget: 2 }))['key']);
      const again = path === '' ? await admin.post(`/key/${key}/regenerate`, {}) : await admin.post(path, { key });

      expect(again.json).toMatchObject({ max_budget: 2 });
      expect(again.json['key']).not.toBe(key);
      expect((await admin.chat(String(again.json['key']))).status).toBe(200);
      expect((await admin.chat(key)).status).toBe(401);
    }
  });

  it('is listed by team, alias and page, without its secret', async () => {
    await admin.post('/team/new', { team_id: 'listed' });
    const keys = [];
    for (const name of ['list-a', 'list-b', 'list-c']) keys.push(await make({ team_id: 'listed', key_alias: name }));

    const page = (await admin.get('/key/list?team_id=listed&size=2&page=2&return_full_object=true')).json;
    expect(page).toMatchObject({ total_count: 3, current_page: 2, total_pages: 2 });
    expect(page['keys']).toHaveLength(1);
    expect(JSON.stringify((await admin.get('/key/list?team_id=listed&return_full_object=true')).json)).not.toContain(String(keys[0]?.['key']));
    expect((await admin.get('/key/aliases?search=list-')).json).toMatchObject({ aliases: ['list-a', 'list-b', 'list-c'], total_count: 3 });
    const infos = (await admin.post('/v2/key/info', { keys: keys.map((key) => key['key']) })).json as { info: { key_alias: string }[] };
    expect(infos.info.map((info) => info.key_alias)).toEqual(['list-a', 'list-b', 'list-c']);
  });

  it('may read itself and its health, and no other key', async () => {
    const [own, other] = [String((await make())['key']), String((await make())['key'])];

    expect((await admin.get('/key/info', own)).status).toBe(200);
    expect((await admin.get(`/key/info?key=${own}`, own)).status).toBe(200);
    expect((await admin.get(`/key/info?key=${other}`, own)).status).toBe(403);
    expect((await admin.ask('POST', '/key/health', { key: own })).json).toEqual({ key: 'healthy', logging_callbacks: null });
    expect((await admin.ask('POST', '/key/health', { key: 'sk-of-nobody' })).status).toBe(401);
  });

  it('says what is wrong with a request', async () => {
    expect((await admin.post('/key/generate', { max_budget: -1 })).status).toBe(400);
    expect((await admin.post('/key/generate', { models: 'chat' })).json).toMatchObject({ error: { message: expect.stringContaining('models') as string } });
    expect((await admin.post('/key/generate', '{broken')).status).toBe(400);
    expect((await admin.post('/key/generate', { budget_id: 'gone' })).status).toBe(404);
    expect((await admin.post('/key/update', { key: 'sk-of-nobody' })).status).toBe(404);
    expect((await admin.post('/key/delete', { key_aliases: ['gone'] })).status).toBe(404);
    expect((await admin.post('/key/sk-x/reset_spend', {})).status).toBe(400);
    expect((await admin.get('/key/generate')).status).toBe(405);
  });

  it('of a project is paid by the project and by its team', async () => {
    await admin.post('/team/new', { team_id: 'payers' });
    await admin.post('/project/new', { project_id: 'site', team_id: 'payers', max_budget: 0.001 });
    const made = await make({ team_id: 'payers', project_id: 'site' });
    expect(made).toMatchObject({ team_id: 'payers', project_id: 'site' });

    expect((await admin.chat(String(made['key']))).status).toBe(402);
    expect((await admin.post('/key/generate', { team_id: 'listed', project_id: 'site' })).status).toBe(400);
    expect((await admin.post('/key/generate', { project_id: 'gone' })).status).toBe(404);

    await admin.post('/key/delete', { keys: [made['key']] });
    const late = await make({ team_id: 'payers', project_id: 'site' });
    expect((await admin.ask('DELETE', '/project/delete', { body: { project_ids: ['site'] } })).status).toBe(200);
    const again = (await admin.post('/key/regenerate', { key: late['key'] })).json;
    expect((await admin.chat(String(again['key']))).status).toBe(200);
  });
});

describe('rules for new keys, teams and users', () => {
  let admin: Admin;
  beforeAll(async () => {
    admin = await startAdmin(RULES);
  });
  afterAll(() => admin.close());

  it('fill in what is not said, and bound what is', async () => {
    expect((await admin.post('/key/generate', {})).json).toMatchObject({
      max_budget: 3,
      models: ['chat'],
      rpm_limit: 100,
      expires: expect.any(String) as string,
    });
    expect((await admin.post('/key/generate', { max_budget: 10, rpm_limit: 5, duration: '1h' })).json).toMatchObject({ max_budget: 10, rpm_limit: 5 });
    for (const body of [{ max_budget: 11 }, { duration: '31d' }, { duration: '-1' }, { rpm_limit: 101 }])
      expect((await admin.post('/key/generate', body)).status).toBe(400);
  });

  it('bound changes, and leave what a change does not name', async () => {
    const { key } = (await admin.post('/key/generate', { max_budget: 1 })).json;

    expect((await admin.post('/key/update', { key, max_budget: 11 })).json).toMatchObject({ error: { param: 'max_budget' } });
    expect((await admin.post('/key/regenerate', { key, max_budget: 11 })).status).toBe(400);
    expect((await admin.post('/key/update', { key, key_alias: 'renamed' })).json).toMatchObject({ max_budget: 1, key_alias: 'renamed' });
  });

  it('hold for teams and users too, and are shown', async () => {
    expect((await admin.post('/team/new', { team_id: 't' })).json).toMatchObject({ max_budget: 7 });
    expect((await admin.post('/team/new', { team_id: 'u', max_budget: 1 })).json).toMatchObject({ max_budget: 1 });
    expect((await admin.post('/user/new', { user_id: 'kim', auto_create_key: false })).json).toMatchObject({ user_role: 'internal_user_viewer' });
    expect((await admin.get('/get/default_team_settings')).json).toMatchObject({ values: { max_budget: 7 } });
    expect((await admin.get('/get/internal_user_settings')).json).toMatchObject({ values: { user_role: 'internal_user_viewer' } });
  });
});
