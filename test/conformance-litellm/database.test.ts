import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlatformProcess, startPlatformProcess } from '../harness/platform-process.ts';
import { startPostgres, type TestPostgres } from '../integration/start-postgres.ts';
import { LITELLM_ROWS, LITELLM_TABLES, OLD_KEY } from './litellm-tables.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

describe('the database of LiteLLM', () => {
  const folder = mkdtempSync(join(tmpdir(), 'maru-litellm-db-'));
  let postgres: TestPostgres;
  let url: string;
  let platform: PlatformProcess;

  const ask = async (path: string, key = platform.key, body?: unknown): Promise<{ status: number; json: Record<string, unknown> }> => {
    const response = await fetch(`${platform.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  const copy = async (): Promise<{ out: string; err: string }> => {
    const args = ['import', 'litellm', '--database-url', url, '--server', platform.url, '--key', platform.key];
    const { stdout, stderr } = await run(process.execPath, [join(root, 'packages/platform/bin/maru.js'), ...args]);
    return { out: stdout, err: stderr };
  };

  beforeAll(async () => {
    postgres = await startPostgres();
    url = await postgres.createDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const statement of [...LITELLM_TABLES, ...LITELLM_ROWS]) await client.query(statement);
    await client.end();
    platform = await startPlatformProcess({ dataDir: join(folder, 'data') });
  });
  afterAll(async () => {
    await platform.stop('SIGTERM');
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is copied: budgets, organisations, teams, users, customers and keys', async () => {
    const { out, err } = await copy();

    expect(err).toBe('');
    expect(out).toBe('1 budgets, 1 organizations, 2 teams, 1 users, 1 customers, 3 keys copied\n');
  });

  it('leaves old keys working, with their models, team and owner', async () => {
    const answer = await ask('/v1/chat/completions', OLD_KEY, { model: 'reader', messages: [{ role: 'user', content: 'hello' }] });
    const forbidden = await ask('/v1/chat/completions', OLD_KEY, { model: 'sim-8b', messages: [{ role: 'user', content: 'hello' }] });
    const info = (await ask(`/key/info?key=${OLD_KEY}`)).json['info'] as Record<string, unknown>;

    expect(answer.status).toBe(200);
    expect(forbidden.status).toBe(403);
    expect(info).toMatchObject({
      key_alias: 'old key',
      team_id: 'team-red',
      user_id: 'kim',
      max_budget: 10,
      metadata: { purpose: 'tests' },
      models: ['reader'],
    });
  });

  it('counts what was spent before: of the key, of the team with the keys that are gone, against the budget', async () => {
    await expect.poll(async () => ((await ask(`/key/info?key=${OLD_KEY}`)).json['info'] as Record<string, unknown>)['spend'], { timeout: 10_000 }).toBe(2.5);
    const team = (await ask('/team/info?team_id=team-red')).json['team_info'] as Record<string, unknown>;
    const budgets = (await ask('/api/v1/budgets')).json['items'] as { owner: string; spentNanoUsd: number }[];

    expect(team).toMatchObject({ team_alias: 'Red', organization_id: 'corp', spend: 7.25, max_budget: 50, rpm_limit: 100 });
    expect(budgets.find((budget) => budget.owner === 'team-red')?.spentNanoUsd).toBe(7_250_000_000);
  });

  it('keeps blocked and expired keys out', async () => {
    const blocked = await ask('/v1/models', 'sk-blocked-key-of-litellm');
    const expired = await ask('/v1/models', 'sk-expired-key-of-litellm');

    expect([blocked.status, expired.status]).toEqual([403, 401]);
  });

  it('can be copied again: nothing is doubled', async () => {
    const { err } = await copy();
    const team = (await ask('/team/info?team_id=team-red')).json['team_info'] as Record<string, unknown>;

    expect(err.match(/exists already/g)).toHaveLength(3);
    expect(team['spend']).toBe(7.25);
  });
});
