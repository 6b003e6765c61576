import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, startAdmin } from './start-admin.ts';

describe('/access_group', () => {
  let admin: Admin;
  beforeAll(async () => {
    admin = await startAdmin();
  });
  afterAll(() => admin.close());

  const keyFor = async (body: Record<string, unknown>): Promise<string> => String((await admin.post('/key/generate', body)).json['key']);

  it('of a file holds for keys from their first request on, also for names of other scripts', async () => {
    const key = await keyFor({ models: ['beta'] });

    expect((await admin.chat(key)).status).toBe(200);
    expect((await admin.chat(key, '한국어')).status).toBe(200);
    expect((await admin.chat(key, 'other')).status).toBe(403);
    const listed = (await admin.get('/v1/models', key)).json['data'] as { id: string }[];
    expect(listed.map(({ id }) => id).sort()).toEqual(['chat', '한국어']);
  });

  it('holds for the keys of a team too', async () => {
    await admin.post('/team/new', { team_id: 'beta-team', models: ['beta'] });
    const key = await keyFor({ team_id: 'beta-team' });

    expect((await admin.chat(key)).status).toBe(200);
    expect((await admin.chat(key, 'other')).status).toBe(403);
  });

  it('is made, changed and taken away while keys use it', async () => {
    const key = await keyFor({ models: ['late'] });
    expect((await admin.chat(key, 'other')).status).toBe(403);

    expect((await admin.post('/access_group/new', { access_group: 'late', model_names: ['other'] })).json).toEqual({
      access_group: 'late',
      model_names: ['other'],
      models_updated: 1,
    });
    expect((await admin.chat(key, 'other')).status).toBe(200);
    expect((await admin.get('/access_group/late/info')).json).toEqual({ access_group: 'late', model_names: ['other'], deployment_count: 1 });

    expect((await admin.ask('PUT', '/access_group/late/update', { body: { model_names: ['chat'] } })).status).toBe(200);
    expect((await admin.chat(key, 'other')).status).toBe(403);
    expect((await admin.chat(key, 'chat')).status).toBe(200);

    expect((await admin.ask('DELETE', '/access_group/late/delete')).json).toMatchObject({ access_group: 'late', models_updated: 1 });
    expect((await admin.chat(key, 'chat')).status).toBe(403);
    const { access_groups: groups } = (await admin.get('/access_group/list')).json as { access_groups: { access_group: string; model_names: string[] }[] };
    expect(groups).toEqual([{ access_group: 'beta', model_names: ['chat', '한국어'], deployment_count: 2 }]);
  });

  it('refuses unknown models, names with a comma, groups that are there or are not', async () => {
    expect((await admin.post('/access_group/new', { access_group: 'x', model_names: ['nothing'] })).status).toBe(400);
    expect((await admin.post('/access_group/new', { access_group: 'a,b', model_names: ['chat'] })).status).toBe(400);
    expect((await admin.post('/access_group/new', { access_group: 'beta', model_names: ['chat'] })).status).toBe(409);
    expect((await admin.get('/access_group/gone/info')).status).toBe(404);
    expect((await admin.ask('DELETE', '/access_group/gone/delete')).status).toBe(404);
  });
});
