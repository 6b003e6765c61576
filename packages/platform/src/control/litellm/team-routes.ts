import { z } from 'zod';
import type { Account } from '#ledger';
import { type ControlRoute, route } from '../route.ts';
import { accountBodySchema, blockedOf } from './account-body.ts';
import { TEAM } from './account-kinds.ts';
import { accountDesk } from './account-store.ts';
import { withDefaults } from './key-rules.ts';
import { toLitellmKey } from './key-shape.ts';
import { type Member, memberSchema, membersOf, withBudgetInTeam, withMembers, withoutMember } from './members.ts';
import type { LitellmPorts } from './ports.ts';
import { spendOf } from './spend-of.ts';
import { teamMemberRoutes } from './team-member-routes.ts';
import { membershipsOf } from './team-memberships.ts';

const teamId = z.string().min(1).max(256);
const one = z.looseObject({ team_id: teamId });

/** `/team/*`. */
export function teamRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const { ledger, ids } = ports;
  const teams = accountDesk(ports, TEAM);
  const setMembers = async (account: Account, members: readonly Member[]): Promise<Record<string, unknown>> =>
    teams.show(await teams.write(account.name, { members_with_roles: members }));

  const list = async (query: { user_id?: string | undefined; organization_id?: string | undefined }): Promise<readonly Record<string, unknown>[]> => {
    const all = await teams.list(query.organization_id);
    return teams.showAll(all.filter((account) => query.user_id === undefined || membersOf(account).some((member) => member.user_id === query.user_id)));
  };
  const setBlocked = (path: string, blocked: boolean): ControlRoute =>
    route({
      method: 'POST',
      path,
      summary: `LiteLLM: ${blocked ? 'refuse' : 'take'} the requests of a team`,
      body: one,
      handle: async ({ body }) => {
        await teams.read(body.team_id);
        return { json: await teams.show(await teams.write(body.team_id, {}, { blocked })) };
      },
    });

  return [
    route({
      method: 'POST',
      path: '/team/new',
      summary: 'LiteLLM: make a team',
      body: accountBodySchema,
      handle: async ({ body }) => ({
        json: await teams.show(await teams.write(body.team_id ?? ids.next('team'), withDefaults(body, ports.rules().defaults.team), blockedOf(body))),
      }),
    }),
    route({
      method: 'POST',
      path: '/team/update',
      summary: 'LiteLLM: change a team; what is left out stays',
      body: z.looseObject({ ...accountBodySchema.shape, team_id: teamId }),
      handle: async ({ body }) => {
        await teams.read(body.team_id);
        return { json: { team_id: body.team_id, data: await teams.show(await teams.write(body.team_id, body, blockedOf(body))) } };
      },
    }),
    route({
      method: 'POST',
      path: '/team/delete',
      summary: 'LiteLLM: delete teams',
      body: z.looseObject({ team_ids: z.array(teamId) }),
      handle: async ({ body }) => {
        const shown = await teams.showAll(await Promise.all(body.team_ids.map(teams.read)));
        await teams.remove(body.team_ids);
        return { json: shown };
      },
    }),
    route({
      method: 'GET',
      path: '/team/info',
      summary: 'LiteLLM: read a team with its keys',
      query: one,
      handle: async ({ query }) => {
        const account = await teams.read(query.team_id);
        const keys = await ledger.listKeys({ tenant: query.team_id });
        const spent = await spendOf(
          ledger,
          keys.map((key) => `key/${key.id}`),
        );
        return {
          json: {
            team_id: query.team_id,
            team_info: await teams.show(account),
            keys: keys.map((key) => toLitellmKey(key, spent(`key/${key.id}`))),
            team_memberships: await membershipsOf(ports, account),
          },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/team/list',
      summary: 'LiteLLM: list teams',
      query: z.looseObject({ user_id: z.string().optional(), organization_id: z.string().optional() }),
      handle: async ({ query }) => ({ json: await list(query) }),
    }),
    route({
      method: 'GET',
      path: '/v2/team/list',
      summary: 'LiteLLM: list teams, page by page',
      query: z.looseObject({
        user_id: z.string().optional(),
        organization_id: z.string().optional(),
        page: z.coerce.number().int().min(1).default(1),
        page_size: z.coerce.number().int().min(1).max(1000).default(10),
      }),
      handle: async ({ query }) => {
        const all = await list(query);
        const shown = all.slice((query.page - 1) * query.page_size, query.page * query.page_size);
        return {
          json: { teams: shown, total: all.length, page: query.page, page_size: query.page_size, total_pages: Math.ceil(all.length / query.page_size) },
        };
      },
    }),
    route({
      method: 'POST',
      path: '/team/member_add',
      summary: 'LiteLLM: add members to a team',
      body: z.looseObject({ team_id: teamId, member: z.union([memberSchema, z.array(memberSchema)]), max_budget_in_team: z.number().nonnegative().nullish() }),
      handle: async ({ body }) => {
        const account = await teams.read(body.team_id);
        const added = withBudgetInTeam(Array.isArray(body.member) ? body.member : [body.member], body.max_budget_in_team);
        const members = withMembers(membersOf(account), added);
        return { json: { ...(await setMembers(account, members)), updated_users: [], updated_team_memberships: [] } };
      },
    }),
    route({
      method: 'POST',
      path: '/team/member_delete',
      summary: 'LiteLLM: take a member out of a team',
      body: z.looseObject({ team_id: teamId, user_id: z.string().nullish(), user_email: z.string().nullish() }),
      handle: async ({ body }) => {
        const account = await teams.read(body.team_id);
        return { json: await setMembers(account, withoutMember(membersOf(account), body)) };
      },
    }),
    ...teamMemberRoutes(ports),
    setBlocked('/team/block', true),
    setBlocked('/team/unblock', false),
  ];
}
