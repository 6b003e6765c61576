import { nanoToUsd } from '@maru/api/records';
import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { dailyActivity } from './daily-activity.ts';
import { readRange } from './date-range.ts';
import type { LitellmPorts } from './ports.ts';

const dates = z.looseObject({ start_date: z.string().optional(), end_date: z.string().optional() });
const range = z.looseObject({ start_date: z.string(), end_date: z.string(), end_user_ids: z.string().optional() });

/** Sums that dashboards of LiteLLM ask for. */
export function activityRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const { ledger } = ports;
  const customers = (path: string): ControlRoute =>
    route({
      method: 'GET',
      path,
      summary: 'LiteLLM: requests, tokens and spend of customers per day',
      query: range,
      handle: async ({ query }) => {
        const named = query.end_user_ids?.split(',').map((name) => `end-user/${name.trim()}`);
        const ids = named ?? (await ledger.accountSpend({ prefix: 'end-user/' })).map((row) => row.id);
        return { json: await dailyActivity(ports, { ...query, ids }) };
      },
    });

  return [
    customers('/customer/daily/activity'),
    customers('/end_user/daily/activity'),
    route({
      method: 'GET',
      path: '/global/activity/model',
      summary: 'LiteLLM: requests and tokens per model and day',
      query: dates,
      handle: async ({ query }) => {
        const rows = await ledger.accountSpend({ prefix: 'key/', ...readRange(query), by: ['day', 'model'] });
        const json = [...Map.groupBy(rows, (row) => row.model ?? '')].map(([model, ofModel]) => {
          const days = [...Map.groupBy(ofModel, (row) => row.dayMs ?? 0)].map(([dayMs, list]) => ({
            date: new Date(dayMs).toISOString().slice(0, 10),
            api_requests: list.reduce((sum, row) => sum + row.requests, 0),
            total_tokens: list.reduce((sum, row) => sum + row.promptTokens + row.completionTokens, 0),
          }));
          const sum = (name: 'api_requests' | 'total_tokens'): number => days.reduce((total, day) => total + day[name], 0);
          return { model, daily_data: days, sum_api_requests: sum('api_requests'), sum_total_tokens: sum('total_tokens') };
        });
        return { json };
      },
    }),
    route({
      method: 'GET',
      path: '/global/all_end_users',
      summary: 'LiteLLM: every customer that was charged',
      handle: async () => ({ json: (await ledger.accountSpend({ prefix: 'end-user/' })).map((row) => ({ end_user: row.id.slice('end-user/'.length) })) }),
    }),
    route({
      method: 'GET',
      path: '/global/spend/all_tag_names',
      summary: 'LiteLLM: every tag that was charged',
      handle: async () => ({ json: { tag_names: (await ledger.accountSpend({ prefix: 'tag/' })).map((row) => row.id.slice('tag/'.length)) } }),
    }),
    route({
      method: 'GET',
      path: '/team/spend/report',
      summary: 'LiteLLM: spend of teams per model',
      query: dates,
      handle: async ({ query }) => {
        const teams = await ledger.listAccounts({ level: 'team' });
        const rows = await ledger.accountSpend({ ids: ['default', ...teams.map((team) => team.id)], ...readRange(query), by: ['model'] });
        return {
          json: rows.map((row) => ({
            team_id: row.id,
            model: row.model,
            total_spend: nanoToUsd(row.costNanoUsd),
            total_tokens: row.promptTokens + row.completionTokens,
            api_requests: row.requests,
          })),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/user/available_roles',
      summary: 'LiteLLM: roles of users; a key decides what may be done here',
      handle: () => ({ json: ROLES }),
    }),
  ];
}

const ROLES = {
  proxy_admin: { description: 'admin over the platform', ui_label: 'Admin (All Permissions)' },
  proxy_admin_viewer: { description: 'view all keys and spend', ui_label: 'Admin (View Only)' },
  internal_user: { description: 'view own keys and spend', ui_label: 'Internal User (Create/Delete/View)' },
  internal_user_viewer: { description: 'view own keys and spend', ui_label: 'Internal Viewer (View Only)' },
};
