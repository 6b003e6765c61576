import { PlatformError } from '@maru/api/errors';
import { nanoToUsd } from '@maru/api/records';
import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { CUSTOMER, USER } from './account-kinds.ts';
import { accountDesk } from './account-store.ts';
import { readRange } from './date-range.ts';
import { findKey } from './find-key.ts';
import { keptFields } from './kept-fields.ts';
import { toLitellmKey } from './key-shape.ts';
import type { LitellmPorts } from './ports.ts';
import { toSpendLog } from './spend-log.ts';
import { spendOf } from './spend-of.ts';

const dates = { start_date: z.string().optional(), end_date: z.string().optional() };
const limited = z.looseObject({ limit: z.coerce.number().int().min(1).max(1000).default(100) });
const bySpend = (left: { total_spend: number }, right: { total_spend: number }): number => right.total_spend - left.total_spend;

/** `/spend/*` and `/global/spend/*`: read from the charges, which never change. */
export function spendRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const { ledger } = ports;

  const keysBySpend = async (): Promise<readonly Record<string, unknown>[]> => {
    const keys = await ledger.listKeys();
    const spent = await spendOf(
      ledger,
      keys.map((key) => `key/${key.id}`),
    );
    return keys.map((key) => toLitellmKey(key, spent(`key/${key.id}`))).sort((left, right) => Number(right['spend']) - Number(left['spend']));
  };

  const logs = async (query: {
    request_id?: string | undefined;
    api_key?: string | undefined;
    user_id?: string | undefined;
    start_date?: string | undefined;
    end_date?: string | undefined;
    summarize: string;
  }): Promise<unknown> => {
    const key = query.api_key === undefined ? undefined : await findKey(ledger, query.api_key);
    const range = readRange(query);
    if (query.start_date !== undefined && query.end_date !== undefined && query.summarize !== 'false') return perDay(range, key?.id);
    const { charges } = await ledger.charges({ filters: { requestId: query.request_id, keyId: key?.id, user: query.user_id, ...range }, limit: 1000 });
    const tokens = new Map((await ledger.listKeys()).map((info) => [info.id, String(keptFields(info.metadata)['token'] ?? info.id)]));
    return charges.map((charge) => toSpendLog(charge, tokens.get(charge.payer.keyId) ?? charge.payer.keyId));
  };

  const perDay = async (range: { fromMs?: number; toMs?: number }, keyId: string | undefined): Promise<unknown> => {
    const days = await ledger.spend({ by: 'day', ...range, keyId });
    return Promise.all(
      days.map(async (day) => {
        const fromMs = Date.parse(day.group);
        const models = await ledger.spend({ by: 'model', fromMs, toMs: fromMs + 86_400_000, keyId });
        return {
          startTime: day.group.slice(0, 10),
          spend: nanoToUsd(day.costNanoUsd),
          users: {},
          models: Object.fromEntries(models.map((row) => [row.group, nanoToUsd(row.costNanoUsd)])),
        };
      }),
    );
  };

  const tagSpend = async (query: { start_date?: string | undefined; end_date?: string | undefined }) =>
    (await ledger.accountSpend({ prefix: 'tag/', ...readRange(query) }))
      .map((row) => ({ individual_request_tag: row.id.slice('tag/'.length), log_count: row.requests, total_spend: nanoToUsd(row.costNanoUsd) }))
      .sort(bySpend);

  const report = async (query: { start_date: string; end_date: string; group_by: 'team' | 'customer' | 'api_key' }) => {
    const range = readRange(query);
    const aliases = new Map(
      (await ledger.listAccounts({ level: 'team' })).map((team) => [team.id, String(keptFields(team.metadata)['team_alias'] ?? team.name)]),
    );
    const source =
      query.group_by === 'customer'
        ? { prefix: 'end-user/' }
        : query.group_by === 'api_key'
          ? { prefix: 'key/' }
          : { ids: ['default', ...aliases.keys()].slice(0, 500) };
    const rows = await ledger.accountSpend({ ...source, ...range, by: ['day', 'model'] });
    const field = { team: 'teams', customer: 'customers', api_key: 'api_keys' }[query.group_by];
    const label = { team: 'team_name', customer: 'customer', api_key: 'api_key' }[query.group_by];
    return [...Map.groupBy(rows, (row) => row.dayMs ?? 0)]
      .sort(([left], [right]) => left - right)
      .map(([dayMs, ofDay]) => ({
        group_by_day: new Date(dayMs).toISOString(),
        [field]: [...Map.groupBy(ofDay, (row) => row.id)].map(([id, list]) => ({
          [label]: aliases.get(id) ?? id.replace(/^(key|end-user)\//, ''),
          total_spend: nanoToUsd(list.reduce((sum, row) => sum + row.costNanoUsd, 0)),
          metadata: list.map((row) => ({ model: row.model, spend: nanoToUsd(row.costNanoUsd), total_tokens: row.promptTokens + row.completionTokens })),
        })),
      }));
  };

  return [
    route({
      method: 'GET',
      path: '/spend/logs',
      summary: 'LiteLLM: charges, or sums per day between two dates',
      query: z.looseObject({
        ...dates,
        request_id: z.string().optional(),
        api_key: z.string().optional(),
        user_id: z.string().optional(),
        summarize: z.string().default('true'),
      }),
      handle: async ({ query }) => ({ json: await logs(query) }),
    }),
    route({ method: 'GET', path: '/spend/keys', summary: 'LiteLLM: keys by spend', handle: async () => ({ json: await keysBySpend() }) }),
    route({
      method: 'GET',
      path: '/spend/users',
      summary: 'LiteLLM: users by spend',
      query: z.looseObject({ user_id: z.string().optional() }),
      handle: async ({ query }) => {
        const users = accountDesk(ports, USER);
        const shown = await users.showAll(query.user_id === undefined ? await users.list() : [await users.read(query.user_id)]);
        return { json: [...shown].sort((left, right) => Number(right['spend']) - Number(left['spend'])) };
      },
    }),
    route({
      method: 'GET',
      path: '/spend/tags',
      summary: 'LiteLLM: tags by spend',
      query: z.looseObject(dates),
      handle: async ({ query }) => ({ json: await tagSpend(query) }),
    }),
    route({
      method: 'GET',
      path: '/global/spend',
      summary: 'LiteLLM: what everything has cost',
      handle: async () => ({ json: { spend: nanoToUsd((await ledger.spend({ by: 'total' })).reduce((sum, row) => sum + row.costNanoUsd, 0)), max_budget: 0 } }),
    }),
    route({
      method: 'GET',
      path: '/global/spend/logs',
      summary: 'LiteLLM: spend per day',
      query: z.looseObject({ api_key: z.string().optional() }),
      handle: async ({ query }) => {
        const keyId = query.api_key === undefined ? undefined : (await findKey(ledger, query.api_key)).id;
        return { json: (await ledger.spend({ by: 'day', keyId })).map((row) => ({ date: row.group.slice(0, 10), spend: nanoToUsd(row.costNanoUsd) })) };
      },
    }),
    route({
      method: 'GET',
      path: '/global/spend/keys',
      summary: 'LiteLLM: the dearest keys',
      query: limited,
      handle: async ({ query }) => ({
        json: (await keysBySpend())
          .slice(0, query.limit)
          .map((key) => ({ api_key: key['token'], key_alias: key['key_alias'], key_name: key['key_name'], total_spend: key['spend'] })),
      }),
    }),
    route({
      method: 'GET',
      path: '/global/spend/models',
      summary: 'LiteLLM: the dearest models',
      query: limited,
      handle: async ({ query }) => ({
        json: (await ledger.spend({ by: 'model' })).slice(0, query.limit).map((row) => ({ model: row.group, total_spend: nanoToUsd(row.costNanoUsd) })),
      }),
    }),
    route({
      method: 'GET',
      path: '/global/spend/provider',
      summary: 'LiteLLM: spend per provider',
      handle: async () => ({ json: (await ledger.spend({ by: 'provider' })).map((row) => ({ provider: row.group, spend: nanoToUsd(row.costNanoUsd) })) }),
    }),
    route({
      method: 'GET',
      path: '/global/spend/teams',
      summary: 'LiteLLM: spend per team',
      handle: async () => {
        const rows = await ledger.spend({ by: 'tenant' });
        return {
          json: {
            daily_spend: [],
            teams: rows.map((row) => row.group),
            total_spend_per_team: rows.map((row) => ({ team_id: row.group, total_spend: nanoToUsd(row.costNanoUsd) })),
          },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/global/spend/tags',
      summary: 'LiteLLM: spend per tag',
      query: z.looseObject(dates),
      handle: async ({ query }) => ({
        json: { spend_per_tag: (await tagSpend(query)).map((row) => ({ name: row.individual_request_tag, spend: row.total_spend, log_count: row.log_count })) },
      }),
    }),
    route({
      method: 'POST',
      path: '/global/spend/end_users',
      summary: 'LiteLLM: the dearest customers',
      body: z.looseObject({}),
      handle: async () => {
        const rows = await ledger.accountSpend({ prefix: `${CUSTOMER.level}/` });
        return {
          json: rows
            .map((row) => ({ end_user: row.id.slice('end-user/'.length), total_count: row.requests, total_spend: nanoToUsd(row.costNanoUsd) }))
            .sort(bySpend),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/global/spend/report',
      summary: 'LiteLLM: spend per day and team, customer or key',
      query: z.looseObject({ start_date: z.string(), end_date: z.string(), group_by: z.enum(['team', 'customer', 'api_key']).default('team') }),
      handle: async ({ query }) => ({ json: await report(query) }),
    }),
    route({
      method: 'GET',
      path: '/global/activity',
      summary: 'LiteLLM: requests and tokens per day',
      query: z.looseObject(dates),
      handle: async ({ query }) => {
        const days = (await ledger.spend({ by: 'day', ...readRange(query) })).map((row) => ({
          date: row.group.slice(0, 10),
          api_requests: row.requests,
          total_tokens: row.usage.inputTokens + row.usage.cacheReadTokens + row.usage.cacheWriteTokens + row.usage.outputTokens + row.usage.reasoningTokens,
        }));
        const sum = (name: 'api_requests' | 'total_tokens'): number => days.reduce((total, day) => total + day[name], 0);
        return { json: { daily_data: days, sum_api_requests: sum('api_requests'), sum_total_tokens: sum('total_tokens') } };
      },
    }),
    route({
      method: 'POST',
      path: '/global/spend/reset',
      summary: 'LiteLLM: not offered, charges stay as they are',
      body: z.looseObject({}),
      handle: () => {
        throw new PlatformError('not_supported', { message: 'charges are never changed; a budget begins again with its window' });
      },
    }),
  ];
}
