import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { type AccountKind, CUSTOMER, ORGANIZATION, TEAM, USER } from './account-kinds.ts';
import { accountDesk } from './account-store.ts';
import { withKept } from './kept-fields.ts';
import { type KeyBody, keptOfKey, keyBodySchema, toKeySettings } from './key-body.ts';
import { keptOf, MONEY_FIELDS } from './money-fields.ts';
import type { LitellmPorts } from './ports.ts';
import { budgetAccount, withBudget } from './with-budget.ts';

const rows = z.array(z.looseObject({})).max(5000).default([]);
const bodySchema = z.strictObject({ budgets: rows, organizations: rows, teams: rows, users: rows, customers: rows, keys: rows });
type Row = Readonly<Record<string, unknown>>;

const replySchema = z.object({
  /** How many of each kind are now here. */
  imported: z.record(z.string(), z.number()),
  /** What was here already, or could not be read. */
  skipped: z.array(z.string()),
});

/** Takes over rows of LiteLLM's tables: keys keep their hash, so that they go on working, and what they have spent counts. */
export function importRoute(ports: LitellmPorts): ControlRoute {
  const { ledger } = ports;

  const importAccounts = async (kind: AccountKind, list: readonly Row[], skipped: string[]): Promise<{ made: readonly string[]; count: number }> => {
    const desk = accountDesk(ports, kind);
    const made: string[] = [];
    let count = 0;
    for (const row of list) {
      const id = row[kind.id];
      if (typeof id !== 'string' || id === '') {
        skipped.push(`a ${kind.word} without ${kind.id}`);
        continue;
      }
      try {
        if ((await ledger.getAccount(kind.level, id)) === undefined) made.push(id);
        await desk.write(id, { ...withoutNull(row), ...NO_RATES }, { blocked: row['blocked'] === true });
        count += 1;
      } catch (error) {
        skipped.push(`${kind.word} ${id}: ${(error as Error).message}`);
      }
    }
    return { made, count };
  };

  const importKey = async (row: Row): Promise<void> => {
    const { token } = row;
    if (typeof token !== 'string' || !/^[0-9a-f]{64}$/.test(token)) throw new PlatformError('invalid_request', { message: 'the token is no SHA-256' });
    const body = keyBodySchema.parse(withoutNull(row)) as KeyBody & Row;
    const { user, models, limits, tags, expiresMs: _life, ...settings } = toKeySettings((await withBudget(ports, body)) as KeyBody, ports.clock.nowMs());
    const expiresMs = typeof row['expires'] === 'string' ? Date.parse(row['expires']) : Number.NaN;
    const { key } = await ledger.createKey({
      tenant: settings.tenant ?? 'default',
      name: body.key_alias ?? (typeof row['key_name'] === 'string' ? row['key_name'] : `litellm ${token.slice(0, 8)}`),
      hash: token,
      prefix: typeof row['key_name'] === 'string' ? row['key_name'].replace(/\.+$/, '').slice(0, 20) : 'sk-',
      budgets: settings.budgets ?? [],
      blocked: settings.blocked ?? false,
      admin: false,
      ...(Number.isFinite(expiresMs) ? { expiresMs } : {}),
      ...(user === null || user === undefined ? {} : { user }),
      ...(models === null || models === undefined ? {} : { models }),
      ...(limits === null || limits === undefined ? {} : { limits }),
      ...(tags === null || tags === undefined ? {} : { tags }),
      metadata: withKept({}, { ...keptOfKey(body), token }),
    });
    await ports.recordSpend({ keyId: key.id, usd: numberOf(row['spend']) });
  };

  return route({
    method: 'POST',
    path: '/api/v1/litellm/import',
    summary: 'Take over keys, teams, users, customers, organisations and budgets of a LiteLLM database, as rows of its tables',
    body: bodySchema,
    reply: replySchema,
    handle: async ({ body }) => {
      const skipped: string[] = [];
      for (const budget of body.budgets)
        if (typeof budget['budget_id'] === 'string')
          await ledger.putAccount({ ...budgetAccount(budget['budget_id']), metadata: { litellm: keptOf(withoutNull(budget), MONEY_FIELDS) } });
      const organizations = await importAccounts(ORGANIZATION, body.organizations, skipped);
      const teams = await importAccounts(TEAM, body.teams, skipped);
      const users = await importAccounts(USER, body.users, skipped);
      const customers = await importAccounts(CUSTOMER, body.customers, skipped);
      let keys = 0;
      for (const row of body.keys) {
        try {
          await importKey(row);
          keys += 1;
        } catch (error) {
          skipped.push(`key ${String(row['key_alias'] ?? row['key_name'] ?? '?')}: ${(error as Error).message}`);
        }
      }
      // What a team has spent with keys that are gone still counts for the team; said once, when the team comes.
      for (const id of teams.made) {
        const team = body.teams.find((row) => row['team_id'] === id);
        await ports.recordSpend({ tenant: id, usd: numberOf(team?.['rest_of_spend']) });
      }
      for (const [kind, list] of [
        [ORGANIZATION, body.organizations],
        [TEAM, body.teams],
        [USER, body.users],
        [CUSTOMER, body.customers],
      ] as const)
        for (const row of list) {
          const id = row[kind.id];
          if (typeof id === 'string' && (await ledger.getAccount(kind.level, id))?.source === 'api') await accountDesk(ports, kind).write(id, withoutNull(row));
        }
      return {
        json: {
          imported: {
            budgets: body.budgets.length,
            organizations: organizations.count,
            teams: teams.count,
            users: users.count,
            customers: customers.count,
            keys,
          },
          skipped,
        },
      };
    },
  });
}

/** Old spend is charged like a request: the rates come after it. */
const NO_RATES = { rpm_limit: null, tpm_limit: null, max_parallel_requests: null };

const withoutNull = (row: Row): Record<string, unknown> => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
const numberOf = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0);
