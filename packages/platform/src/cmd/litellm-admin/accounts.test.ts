import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, startAdmin } from './start-admin.ts';

let admin: Admin;
beforeAll(async () => {
  admin = await startAdmin();
});
afterAll(() => admin.close());
const keyOf = async (body: Record<string, unknown>): Promise<string> => String((await admin.post('/key/generate', body)).json['key']);

describe('/team', () => {
  it('is made, read with its keys, changed, blocked and deleted', async () => {
    expect((await admin.post('/team/new', { team_id: 'red', team_alias: 'Red', max_budget: 100, budget_duration: '30d' })).json).toMatchObject({
      team_id: 'red',
      team_alias: 'Red',
      max_budget: 100,
      spend: 0,
    });
    const key = await keyOf({ team_id: 'red' });
    expect((await admin.get('/team/info?team_id=red')).json).toMatchObject({ team_id: 'red', team_info: { team_alias: 'Red' }, keys: [{ team_id: 'red' }] });
    expect((await admin.post('/team/update', { team_id: 'red', team_alias: 'Redder' })).json).toMatchObject({
      data: { team_alias: 'Redder', max_budget: 100 },
    });

    expect((await admin.post('/team/block', { team_id: 'red' })).json).toMatchObject({ blocked: true });
    expect((await admin.chat(key)).status).toBe(403);
    await admin.post('/team/unblock', { team_id: 'red' });
    expect((await admin.chat(key)).status).toBe(200);

    expect((await admin.post('/team/delete', { team_ids: ['red'] })).status).toBe(200);
    expect((await admin.get('/team/info?team_id=red')).status).toBe(404);
    expect((await admin.chat(key)).status).toBe(403);
  });

  it('keeps members, and names those that it does not know', async () => {
    await admin.post('/team/new', { team_id: 'crew' });
    await admin.post('/team/member_add', { team_id: 'crew', member: { role: 'admin', user_id: 'kim' } });
    expect(
      (await admin.post('/team/bulk_member_add', { team_id: 'crew', members: [{ user_id: 'lee' }, { user_email: 'park@example.kr' }] })).json,
    ).toMatchObject({
      successful_additions: 2,
      failed_additions: 0,
    });
    expect((await admin.post('/team/member_update', { team_id: 'crew', user_id: 'lee', role: 'admin', max_budget_in_team: 5 })).json).toMatchObject({
      user_id: 'lee',
      role: 'admin',
      max_budget_in_team: 5,
    });
    expect((await admin.post('/team/member_update', { team_id: 'crew', user_id: 'nobody' })).status).toBe(404);
    expect((await admin.post('/team/member_add', { team_id: 'crew', member: { role: 'user' } })).status).toBe(400);
    const left = (await admin.post('/team/member_delete', { team_id: 'crew', user_id: 'kim' })).json['members_with_roles'];
    expect(left).toMatchObject([{ user_email: 'park@example.kr' }, { user_id: 'lee', role: 'admin' }]);
    expect((await admin.get('/team/list?user_id=lee')).json).toMatchObject([{ team_id: 'crew' }]);
  });

  it('gives members budgets and rates within it, each its own or one for all, and says what they have spent', async () => {
    await admin.post('/team/new', { team_id: 'paid', team_member_budget: 0.05, team_member_budget_duration: '30d' });
    await admin.post('/team/member_add', { team_id: 'paid', member: [{ user_id: 'hana' }, { user_id: 'sol' }] });
    await admin.post('/team/member_add', { team_id: 'paid', member: { user_id: 'yuri' }, max_budget_in_team: 0.0001 });
    await admin.post('/team/member_update', { team_id: 'paid', user_id: 'sol', rpm_limit: 1 });
    const [hana, yuri, sol] = await Promise.all(['hana', 'yuri', 'sol'].map((user_id) => keyOf({ team_id: 'paid', user_id })));

    const statuses: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) statuses.push((await admin.chat(hana ?? '')).status);
    expect(new Set(statuses)).toEqual(new Set([200, 402]));
    expect((await admin.chat(yuri ?? '')).json).toMatchObject({ error: { code: 'quota_exceeded', message: expect.stringContaining('member "yuri of paid"') } });
    expect([(await admin.chat(sol ?? '')).status, (await admin.chat(sol ?? '')).status]).toEqual([200, 429]);

    await admin.post('/team/member_update', { team_id: 'paid', user_id: 'yuri', max_budget_in_team: 1 });
    expect((await admin.chat(yuri ?? '')).status).toBe(200);
    const { team_memberships } = (await admin.get('/team/info?team_id=paid')).json as { team_memberships: { user_id: string; litellm_budget_table: object }[] };
    expect(Object.fromEntries(team_memberships.map((each) => [each.user_id, each.litellm_budget_table]))).toEqual({
      hana: { max_budget: 0.05, rpm_limit: null, tpm_limit: null },
      yuri: { max_budget: 1, rpm_limit: null, tpm_limit: null },
      sol: { max_budget: 0.05, rpm_limit: 1, tpm_limit: null },
    });
  });

  it('gets and loses models; losing the last one allows none', async () => {
    await admin.post('/team/new', { team_id: 'narrow', models: ['chat'] });
    const key = await keyOf({ team_id: 'narrow' });
    expect((await admin.chat(key, 'other')).status).toBe(403);
    expect((await admin.post('/team/model/add', { team_id: 'narrow', models: ['other'] })).json).toMatchObject({ models: ['chat', 'other'] });
    expect((await admin.chat(key, 'other')).status).toBe(200);
    await admin.post('/team/model/delete', { team_id: 'narrow', models: ['other', 'chat'] });
    expect((await admin.chat(key, 'chat')).status).toBe(403);
  });

  it('keeps permissions of members to show them', async () => {
    await admin.post('/team/new', { team_id: 'allowed' });
    await admin.post('/team/permissions_update', { team_id: 'allowed', team_member_permissions: ['/key/info'] });
    expect((await admin.get('/team/permissions_list?team_id=allowed')).json).toMatchObject({ team_id: 'allowed', team_member_permissions: ['/key/info'] });
    expect((await admin.get('/team/available')).json).toEqual([]);
  });

  it('says what is wrong', async () => {
    expect((await admin.post('/team/update', { team_id: 'gone' })).status).toBe(404);
    expect((await admin.post('/team/update', {})).status).toBe(400);
    expect((await admin.get('/team/info')).status).toBe(400);
    expect((await admin.post('/team/new', { team_id: 'x', organization_id: 'gone' })).status).toBeGreaterThanOrEqual(400);
    expect((await admin.post('/team/model/add', { team_id: 'gone', models: ['a'] })).status).toBe(404);
  });
});

describe('/user, /customer and /organization', () => {
  it('/user is made with a key, read, listed, changed and deleted with its keys', async () => {
    const made = (await admin.post('/user/new', { user_id: 'kim', user_email: 'kim@example.kr', max_budget: 1 })).json;
    expect(made).toMatchObject({ user_id: 'kim', user_email: 'kim@example.kr' });
    expect((await admin.chat(String(made['key']))).status).toBe(200);
    expect((await admin.get('/user/info?user_id=kim')).json).toMatchObject({ user_info: { user_email: 'kim@example.kr' }, keys: [{ user_id: 'kim' }] });
    expect((await admin.get('/user/list')).json).toMatchObject({ total: 1, users: [{ user_id: 'kim', key_count: 1 }] });
    expect((await admin.post('/user/update', { user_id: 'kim', user_alias: 'K' })).json).toMatchObject({ data: { user_alias: 'K', max_budget: 1 } });
    expect((await admin.post('/user/delete', { user_ids: ['kim'] })).json).toBe(1);
    expect((await admin.chat(String(made['key']))).status).toBe(401);
    expect((await admin.get('/user/info?user_id=kim')).status).toBe(404);
    expect((await admin.get('/user/available_roles')).json).toHaveProperty('proxy_admin');
  });

  it('/customer is refused when blocked, under both names', async () => {
    const key = await keyOf({});
    await admin.post('/customer/new', { user_id: 'c1', alias: 'First', max_budget: 10 });
    expect((await admin.get('/end_user/info?end_user_id=c1')).json).toMatchObject({ user_id: 'c1', alias: 'First', max_budget: 10 });
    expect((await admin.chat(key, 'chat', { user: 'c1' })).status).toBe(200);
    await admin.post('/customer/block', { user_ids: ['c1'] });
    expect((await admin.chat(key, 'chat', { user: 'c1' })).status).toBe(403);
    await admin.post('/end_user/unblock', { user_ids: ['c1'] });
    expect((await admin.post('/customer/update', { user_id: 'c1', alias: 'Second' })).json).toMatchObject({ alias: 'Second', max_budget: 10, blocked: false });
    expect((await admin.get('/customer/list')).json).toMatchObject([{ user_id: 'c1' }]);
    expect((await admin.post('/customer/delete', { user_ids: ['c1'] })).json).toMatchObject({ deleted_customers: 1 });
    expect((await admin.post('/customer/update', { user_id: 'c1' })).status).toBe(404);
    expect((await admin.post('/customer/new', {})).status).toBe(400);
  });

  it('/organization has teams and members', async () => {
    await admin.post('/organization/new', { organization_id: 'corp', organization_alias: 'Corp', max_budget: 50 });
    await admin.post('/team/new', { team_id: 'corp-team', organization_id: 'corp' });
    expect((await admin.get('/organization/info?organization_id=corp')).json).toMatchObject({ organization_alias: 'Corp', teams: [{ team_id: 'corp-team' }] });
    expect((await admin.ask('PATCH', '/organization/update', { body: { organization_id: 'corp', organization_alias: 'Corp 2' } })).json).toMatchObject({
      organization_alias: 'Corp 2',
      max_budget: 50,
    });

    const added = { organization_id: 'corp', member: [{ user_id: 'kim', role: 'internal_user' }], max_budget_in_organization: 3 };
    expect((await admin.post('/organization/member_add', added)).json).toMatchObject({
      updated_organization_memberships: [{ user_id: 'kim', max_budget_in_organization: 3 }],
    });
    expect(
      (await admin.ask('PATCH', '/organization/member_update', { body: { organization_id: 'corp', user_id: 'kim', role: 'org_admin' } })).json,
    ).toMatchObject({
      user_role: 'org_admin',
      max_budget_in_organization: 3,
    });
    expect((await admin.ask('PATCH', '/organization/member_update', { body: { organization_id: 'corp', user_id: 'kim', role: 'king' } })).status).toBe(400);
    expect((await admin.ask('DELETE', '/organization/member_delete', { body: { organization_id: 'corp', user_id: 'kim' } })).status).toBe(200);
    expect((await admin.ask('DELETE', '/organization/member_delete', { body: { organization_id: 'corp', user_id: 'kim' } })).status).toBe(404);

    expect((await admin.ask('DELETE', '/organization/delete', { body: { organization_ids: ['corp'] } })).status).toBe(409);
    await admin.post('/team/delete', { team_ids: ['corp-team'] });
    expect((await admin.ask('DELETE', '/organization/delete', { body: { organization_ids: ['corp'] } })).status).toBe(200);
    expect((await admin.get('/organization/list')).json).toEqual([]);
    expect((await admin.post('/organization/new', {})).status).toBe(400);
  });
});

describe('/project, /tag and /budget', () => {
  it('/project belongs to a team, and internal accounts are no projects', async () => {
    await admin.post('/team/new', { team_id: 'owner' });
    expect((await admin.post('/project/new', { project_id: 'p1', project_alias: 'P', team_id: 'owner', max_budget: 4 })).json).toMatchObject({
      project_id: 'p1',
      team_id: 'owner',
      max_budget: 4,
      spend: 0,
    });
    await admin.post('/budget/new', { budget_id: 'b0', max_budget: 1 });
    await admin.post('/credentials', { credential_name: 'c0', credential_values: {} });
    expect((await admin.get('/project/list')).json).toMatchObject([{ project_id: 'p1' }]);
    expect((await admin.post('/project/update', { project_id: 'p1', description: 'Site' })).json).toMatchObject({ description: 'Site', max_budget: 4 });
    expect((await admin.get('/project/info?project_id=p1')).json).toMatchObject({ project_alias: 'P', description: 'Site' });
    expect((await admin.post('/project/new', { project_id: 'p1', team_id: 'owner' })).status).toBe(409);
    expect((await admin.post('/project/new', { team_id: 'gone' })).status).toBe(404);
    expect((await admin.post('/project/new', {})).status).toBe(400);
    expect((await admin.ask('DELETE', '/project/delete', { body: { project_ids: ['p1'] } })).status).toBe(200);
    expect((await admin.get('/project/info?project_id=p1')).status).toBe(404);
  });

  it('/tag has a budget that holds for requests with it', async () => {
    expect((await admin.post('/tag/new', { name: 'cheap', description: 'd', max_budget: 0.0001, models: ['other-1'] })).json).toMatchObject({
      tag: { name: 'cheap' },
    });
    const key = await keyOf({});
    expect((await admin.chat(key, 'chat', { metadata: { tags: ['cheap'] } })).status).toBe(402);
    expect((await admin.chat(key)).status).toBe(200);
    expect((await admin.post('/tag/update', { name: 'cheap', max_budget: 100 })).json).toMatchObject({ tag: { description: 'd', max_budget: 100 } });
    expect((await admin.chat(key, 'chat', { metadata: { tags: ['cheap'] } })).status).toBe(200);
    expect((await admin.post('/tag/info', { names: ['cheap'] })).json).toMatchObject({ cheap: { name: 'cheap', models: ['other-1'] } });
    expect((await admin.get('/tag/list')).json).toMatchObject([{ name: 'cheap' }]);
    expect((await admin.post('/tag/new', { name: 'cheap' })).status).toBe(409);
    expect((await admin.post('/tag/info', { names: ['gone'] })).status).toBe(404);
    expect((await admin.post('/tag/delete', { name: 'cheap' })).status).toBe(200);
    expect((await admin.post('/tag/delete', { name: 'cheap' })).status).toBe(404);
    expect((await admin.post('/tag/new', {})).status).toBe(400);
  });

  it('/budget spreads to what refers to it', async () => {
    await admin.post('/budget/new', { budget_id: 'tier', max_budget: 100 });
    const key = await keyOf({ budget_id: 'tier' });
    expect((await admin.chat(key)).status).toBe(200);
    await admin.post('/budget/update', { budget_id: 'tier', max_budget: 0 });
    expect((await admin.chat(key)).status).toBe(402);
    expect((await admin.post('/budget/info', { budgets: ['tier'] })).json).toMatchObject([{ budget_id: 'tier', max_budget: 0 }]);
    expect((await admin.get('/budget/list')).json).toMatchObject([{ budget_id: 'b0' }, { budget_id: 'tier' }]);
    expect((await admin.post('/budget/delete', { id: 'tier' })).status).toBe(200);
    expect((await admin.post('/budget/info', { budgets: ['tier'] })).status).toBe(404);
    expect((await admin.post('/budget/update', { budget_id: 'gone' })).status).toBe(404);
  });
});
