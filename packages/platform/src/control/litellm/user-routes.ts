import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { accountBodySchema, blockedOf } from './account-body.ts';
import { TEAM, USER } from './account-kinds.ts';
import { accountDesk } from './account-store.ts';
import { dailyActivity } from './daily-activity.ts';
import { keptFields, withKept } from './kept-fields.ts';
import { withDefaults } from './key-rules.ts';
import { tokenOf, toLitellmKey } from './key-shape.ts';
import type { LitellmPorts } from './ports.ts';
import { spendOf } from './spend-of.ts';

const userId = z.string().min(1).max(256);

/** `/user/*`. */
export function userRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const { ledger, ids } = ports;
  const users = accountDesk(ports, USER);
  const teams = accountDesk(ports, TEAM);
  const keysOf = async (user: string): Promise<readonly Record<string, unknown>[]> => {
    const keys = await ledger.listKeys({ user });
    const spent = await spendOf(
      ledger,
      keys.map((key) => `key/${key.id}`),
    );
    return keys.map((key) => toLitellmKey(key, spent(`key/${key.id}`)));
  };
  const info = async (user: string): Promise<{ user_info: Record<string, unknown>; keys: readonly Record<string, unknown>[] }> => ({
    user_info: await users.show(await users.read(user)),
    keys: await keysOf(user),
  });

  return [
    route({
      method: 'POST',
      path: '/user/new',
      summary: 'LiteLLM: make a user, with a key unless auto_create_key is false',
      body: z.looseObject({ ...accountBodySchema.shape, auto_create_key: z.boolean().nullish(), key_alias: z.string().min(1).nullish() }),
      handle: async ({ body }) => {
        const account = await users.write(body.user_id ?? ids.next('user'), withDefaults(body, ports.rules().defaults.user), blockedOf(body));
        const shown = await users.show(account);
        if (body.auto_create_key === false) return { json: { ...shown, key: '', key_name: null, expires: null, token: null } };
        const made = await ledger.createKey({ tenant: body.team_id ?? 'default', user: account.name, name: body.key_alias ?? ids.next('litellm') });
        const key = await ledger.updateKey(made.key.id, { metadata: withKept(made.key.metadata, { token: tokenOf(made.secret) }) });
        return { json: { ...toLitellmKey(key, 0), ...shown, key: made.secret } };
      },
    }),
    route({
      method: 'GET',
      path: '/user/info',
      summary: 'LiteLLM: read a user with the keys and teams',
      query: z.looseObject({ user_id: userId }),
      handle: async ({ query }) => {
        const own = (await teams.list()).filter((team) =>
          JSON.stringify(keptFields(team.metadata)['members_with_roles'] ?? []).includes(JSON.stringify(query.user_id)),
        );
        return { json: { user_id: query.user_id, ...(await info(query.user_id)), teams: await teams.showAll(own) } };
      },
    }),
    route({
      method: 'GET',
      path: '/v2/user/info',
      summary: 'LiteLLM: read a user',
      query: z.looseObject({ user_id: userId }),
      handle: async ({ query }) => ({ json: (await info(query.user_id)).user_info }),
    }),
    route({
      method: 'GET',
      path: '/user/list',
      summary: 'LiteLLM: list users',
      query: z.looseObject({
        role: z.string().optional(),
        user_ids: z.string().optional(),
        page: z.coerce.number().int().min(1).default(1),
        page_size: z.coerce.number().int().min(1).max(1000).default(25),
      }),
      handle: async ({ query }) => {
        const wanted = query.user_ids?.split(',').map((id) => id.trim());
        const all = (await users.list()).filter(
          (user) => (wanted === undefined || wanted.includes(user.name)) && (query.role === undefined || keptFields(user.metadata)['user_role'] === query.role),
        );
        const page = all.slice((query.page - 1) * query.page_size, query.page * query.page_size);
        const shown = await Promise.all(
          (await users.showAll(page)).map(async (user) => ({ ...user, key_count: (await ledger.listKeys({ user: String(user['user_id']) })).length })),
        );
        return {
          json: { users: shown, total: all.length, page: query.page, page_size: query.page_size, total_pages: Math.ceil(all.length / query.page_size) },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/user/update',
      summary: 'LiteLLM: change a user; what is left out stays',
      body: z.looseObject({ ...accountBodySchema.shape, user_id: userId }),
      handle: async ({ body }) => {
        await users.read(body.user_id);
        return { json: { user_id: body.user_id, data: await users.show(await users.write(body.user_id, body, blockedOf(body))) } };
      },
    }),
    route({
      method: 'POST',
      path: '/user/delete',
      summary: 'LiteLLM: delete users and their keys',
      body: z.looseObject({ user_ids: z.array(userId) }),
      handle: async ({ body }) => {
        const removed = await users.remove(body.user_ids);
        for (const { name } of removed) for (const key of await ledger.listKeys({ user: name })) await ledger.deleteKey(key.id);
        return { json: removed.length };
      },
    }),
    route({
      method: 'GET',
      path: '/user/daily/activity',
      summary: 'LiteLLM: requests, tokens and spend per day',
      query: z.looseObject({ start_date: z.string(), end_date: z.string(), user_id: z.string().optional() }),
      handle: async ({ query }) => ({ json: await dailyActivity(ports, { ...query, ids: query.user_id === undefined ? undefined : [query.user_id] }) }),
    }),
  ];
}
