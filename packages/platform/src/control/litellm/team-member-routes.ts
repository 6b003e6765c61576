import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { TEAM } from './account-kinds.ts';
import { accountDesk } from './account-store.ts';
import { dailyActivity } from './daily-activity.ts';
import { keptFields } from './kept-fields.ts';
import { findMember, memberSchema, membersOf, withBudgetInTeam, withMembers } from './members.ts';
import type { LitellmPorts } from './ports.ts';

const teamId = z.string().min(1).max(256);
const models = z.looseObject({ team_id: teamId, models: z.array(z.string().min(1)).max(1000) });

/** What LiteLLM lets members of a team do with its keys; shown and kept, while only administrators manage keys here. */
const PERMISSIONS = ['/key/info', '/key/health', '/key/list', '/key/generate', '/key/update', '/key/delete', '/key/regenerate'];

/** `/team/*` about members, models, permissions and days. */
export function teamMemberRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const teams = accountDesk(ports, TEAM);
  const listOf = async (team: string, field: string): Promise<readonly string[]> =>
    z
      .array(z.string())
      .catch([])
      .parse(keptFields((await teams.read(team)).metadata)[field]);
  const changeModels = (path: string, change: (before: readonly string[], named: readonly string[]) => readonly string[]): ControlRoute =>
    route({
      method: 'POST',
      path,
      summary: 'LiteLLM: change the models of a team',
      body: models,
      handle: async ({ body }) => {
        const after = change(await listOf(body.team_id, 'models'), body.models);
        return { json: await teams.show(await teams.write(body.team_id, { models: after })) };
      },
    });

  return [
    route({
      method: 'POST',
      path: '/team/bulk_member_add',
      summary: 'LiteLLM: add many members to a team',
      body: z.looseObject({ team_id: teamId, members: z.array(memberSchema).min(1).max(500), max_budget_in_team: z.number().nonnegative().nullish() }),
      handle: async ({ body }) => {
        const account = await teams.read(body.team_id);
        const added = withBudgetInTeam(body.members, body.max_budget_in_team);
        const shown = await teams.show(await teams.write(account.name, { members_with_roles: withMembers(membersOf(account), added) }));
        const results = body.members.map(({ user_id, user_email }) => ({
          user_id: user_id ?? null,
          user_email: user_email ?? null,
          success: true,
          error: null,
        }));
        return {
          json: {
            team_id: account.name,
            results,
            total_requested: results.length,
            successful_additions: results.length,
            failed_additions: 0,
            updated_team: shown,
          },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/team/member_update',
      summary: 'LiteLLM: change a member of a team',
      body: z.looseObject({
        team_id: teamId,
        user_id: z.string().nullish(),
        user_email: z.string().nullish(),
        role: z.enum(['admin', 'user']).nullish(),
        max_budget_in_team: z.number().nonnegative().nullish(),
        rpm_limit: z.number().int().nonnegative().nullish(),
        tpm_limit: z.number().int().nonnegative().nullish(),
      }),
      handle: async ({ body }) => {
        const account = await teams.read(body.team_id);
        const before = membersOf(account);
        const member = findMember(before, body);
        const { team_id: _team, ...said } = body;
        const changed = { ...member, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null && value !== undefined)) };
        await teams.write(account.name, { members_with_roles: withMembers(before, [changed]) });
        return {
          json: {
            team_id: account.name,
            user_id: changed.user_id ?? null,
            user_email: changed.user_email ?? null,
            max_budget_in_team: body.max_budget_in_team ?? null,
            role: changed.role,
          },
        };
      },
    }),
    changeModels('/team/model/add', (before, named) => [...new Set([...before, ...named])]),
    changeModels('/team/model/delete', (before, named) => {
      const left = before.filter((name) => !named.includes(name));
      // An empty list would allow every model.
      return left.length === 0 && before.length > 0 ? ['no-default-models'] : left;
    }),
    route({
      method: 'GET',
      path: '/team/permissions_list',
      summary: 'LiteLLM: what members of a team may do with its keys',
      query: z.looseObject({ team_id: teamId }),
      handle: async ({ query }) => ({
        json: {
          team_id: query.team_id,
          team_member_permissions: await listOf(query.team_id, 'team_member_permissions'),
          all_available_permissions: PERMISSIONS,
        },
      }),
    }),
    route({
      method: 'POST',
      path: '/team/permissions_update',
      summary: 'LiteLLM: keep what members of a team may do with its keys',
      body: z.looseObject({ team_id: teamId, team_member_permissions: z.array(z.string()).max(100) }),
      handle: async ({ body }) => {
        await teams.read(body.team_id);
        return { json: await teams.show(await teams.write(body.team_id, { team_member_permissions: body.team_member_permissions })) };
      },
    }),
    route({
      method: 'GET',
      path: '/team/available',
      summary: 'LiteLLM: teams that a person may join; an administrator adds members here',
      handle: () => ({ json: [] }),
    }),
    route({
      method: 'GET',
      path: '/team/daily/activity',
      summary: 'LiteLLM: requests, tokens and spend of teams per day',
      query: z.looseObject({ start_date: z.string(), end_date: z.string(), team_ids: z.string().optional() }),
      handle: async ({ query }) => {
        const names = query.team_ids?.split(',') ?? (await teams.list()).map((account) => account.name);
        return { json: await dailyActivity(ports, { ...query, ids: (await Promise.all(names.map(teams.read))).map((account) => account.id) }) };
      },
    }),
  ];
}
