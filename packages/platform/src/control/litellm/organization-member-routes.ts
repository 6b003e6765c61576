import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { ORGANIZATION } from './account-kinds.ts';
import { accountDesk } from './account-store.ts';
import { dailyActivity } from './daily-activity.ts';
import { findMember, type Member, memberSchema, membersOf, withMembers, withoutMember } from './members.ts';
import type { LitellmPorts } from './ports.ts';

const organizationId = z.string().min(1).max(256);
const named = { organization_id: organizationId, user_id: z.string().nullish(), user_email: z.string().nullish() };
const ROLES = ['org_admin', 'internal_user', 'internal_user_viewer'] as const;

/** Members of organisations, and what organisations spend per day. */
export function organizationMemberRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const organizations = accountDesk(ports, ORGANIZATION);
  const keep = (id: string, members: readonly Member[]) => organizations.write(id, { members });
  const membership = (id: string, member: Member): Record<string, unknown> => ({
    user_id: member.user_id ?? null,
    organization_id: id,
    user_role: member.role,
    spend: 0,
    max_budget_in_organization: member['max_budget_in_organization'] ?? null,
  });

  return [
    route({
      method: 'POST',
      path: '/organization/member_add',
      summary: 'LiteLLM: add members to an organisation',
      body: z.looseObject({
        organization_id: organizationId,
        member: z.union([memberSchema, z.array(memberSchema)]),
        max_budget_in_organization: z.number().nonnegative().nullish(),
      }),
      handle: async ({ body }) => {
        const account = await organizations.read(body.organization_id);
        const budget = body.max_budget_in_organization;
        const added = (Array.isArray(body.member) ? body.member : [body.member]).map((member) =>
          budget === null || budget === undefined ? member : { ...member, max_budget_in_organization: budget },
        );
        await keep(account.name, withMembers(membersOf(account, 'members'), added));
        return {
          json: {
            organization_id: account.name,
            updated_users: added.map(({ user_id, user_email }) => ({ user_id: user_id ?? null, user_email: user_email ?? null })),
            updated_organization_memberships: added.map((member) => membership(account.name, member)),
          },
        };
      },
    }),
    route({
      method: 'PATCH',
      path: '/organization/member_update',
      summary: 'LiteLLM: change a member of an organisation',
      body: z.looseObject({ ...named, role: z.enum(ROLES).nullish(), max_budget_in_organization: z.number().nonnegative().nullish() }),
      handle: async ({ body }) => {
        const account = await organizations.read(body.organization_id);
        const before = membersOf(account, 'members');
        const changed = {
          ...findMember(before, body),
          ...(typeof body.role === 'string' ? { role: body.role } : {}),
          ...(typeof body.max_budget_in_organization === 'number' ? { max_budget_in_organization: body.max_budget_in_organization } : {}),
        };
        await keep(account.name, withMembers(before, [changed]));
        return { json: membership(account.name, changed) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/organization/member_delete',
      summary: 'LiteLLM: take a member out of an organisation',
      body: z.looseObject(named),
      handle: async ({ body }) => {
        const account = await organizations.read(body.organization_id);
        const before = membersOf(account, 'members');
        const gone = findMember(before, body);
        await keep(account.name, withoutMember(before, body));
        return { json: membership(account.name, gone) };
      },
    }),
    route({
      method: 'GET',
      path: '/organization/daily/activity',
      summary: 'LiteLLM: requests, tokens and spend of organisations per day',
      query: z.looseObject({ start_date: z.string(), end_date: z.string(), organization_ids: z.string().optional() }),
      handle: async ({ query }) => {
        const names = query.organization_ids?.split(',') ?? (await organizations.list()).map((account) => account.name);
        return { json: await dailyActivity(ports, { ...query, ids: (await Promise.all(names.map(organizations.read))).map((account) => account.id) }) };
      },
    }),
  ];
}
