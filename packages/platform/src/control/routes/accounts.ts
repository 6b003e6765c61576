import { PlatformError } from '@maru/api/errors';
import { TENANT_LEVELS } from '@maru/api/resources';
import { ACCOUNT_SPEND_GROUPS, type AccountInfo, accountDetailSchema, accountPageSchema, accountSpendSchema } from '@maru/api/wire';
import { z } from 'zod';
import type { Clock } from '#time';
import type { ControlPorts } from '../ports.ts';
import { pageQuery, rangeOf, rangeQuery } from '../query.ts';
import { type ControlRoute, route } from '../route.ts';

const name = z.string().min(1).max(300);
const levelSchema = z.enum(TENANT_LEVELS);

/** The tree of accounts: who may spend how much, and has. */
export function accountRoutes({ accounts }: ControlPorts, clock: Clock): readonly ControlRoute[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/accounts',
      summary: 'List organisations, teams, projects, users, end users and tags, with what is spent and how their budgets and limits stand',
      query: z.object({ ...pageQuery, level: levelSchema.optional(), parent: name.optional(), text: name.optional() }),
      reply: accountPageSchema,
      handle: async ({ query }) => ({ json: await accounts.list(query) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/accounts/:level/:name',
      summary: 'Show an account with the accounts above it',
      reply: accountDetailSchema,
      handle: async ({ params }) => {
        const wanted = accountOf(params);
        const found = await accounts.get(wanted.level, wanted.name);
        if (found === undefined) throw new PlatformError('not_found', { message: `there is no account "${wanted.name}" of the level ${wanted.level}` });
        return { json: found };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/accounts/:level/:name/spend',
      summary: 'Sum what an account and everything below it was charged, by day, model or provider; whole days (UTC)',
      query: z.object({ ...rangeQuery, by: z.enum(ACCOUNT_SPEND_GROUPS).default('day') }),
      reply: accountSpendSchema,
      handle: async ({ params, query }) => ({ json: await accounts.spend(accountOf(params), { ...rangeOf(query, clock.nowMs()), by: query.by }) }),
    }),
  ];
}

/** Throws `invalid_request` for a level that there is not. */
function accountOf(params: Readonly<Record<string, string>>): Pick<AccountInfo, 'level' | 'name'> {
  const level = levelSchema.safeParse(params['level']);
  if (!level.success)
    throw new PlatformError('invalid_request', { message: `"${params['level']}" is not a level of accounts: take one of ${TENANT_LEVELS.join(', ')}` });
  return { level: level.data, name: params['name'] ?? '' };
}
