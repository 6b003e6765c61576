import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { accountBodySchema, blockedOf } from './account-body.ts';
import { ORGANIZATION, TEAM } from './account-kinds.ts';
import { accountDesk } from './account-store.ts';
import type { LitellmPorts } from './ports.ts';

const organizationId = z.string().min(1).max(256);

/** `/organization/*`. */
export function organizationRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const organizations = accountDesk(ports, ORGANIZATION);
  const teams = accountDesk(ports, TEAM);
  const read = async (id: string): Promise<Record<string, unknown>> => ({
    ...(await organizations.show(await organizations.read(id))),
    teams: await teams.showAll(await teams.list(id)),
  });
  const update = (method: 'POST' | 'PATCH'): ControlRoute =>
    route({
      method,
      path: '/organization/update',
      summary: 'LiteLLM: change an organisation; what is left out stays',
      body: z.looseObject({ ...accountBodySchema.shape, organization_id: organizationId }),
      handle: async ({ body }) => {
        await organizations.read(body.organization_id);
        return { json: await organizations.show(await organizations.write(body.organization_id, body, blockedOf(body))) };
      },
    });
  const remove = (method: 'POST' | 'DELETE'): ControlRoute =>
    route({
      method,
      path: '/organization/delete',
      summary: 'LiteLLM: delete organisations that have no team',
      body: z.looseObject({ organization_ids: z.array(organizationId) }),
      handle: async ({ body }) => {
        const shown = await organizations.showAll(await Promise.all(body.organization_ids.map(organizations.read)));
        await organizations.remove(body.organization_ids);
        return { json: shown };
      },
    });

  return [
    route({
      method: 'POST',
      path: '/organization/new',
      summary: 'LiteLLM: make an organisation',
      body: accountBodySchema,
      handle: async ({ body }) => {
        if (typeof body.organization_alias !== 'string') throw new PlatformError('invalid_request', { message: 'organization_alias is missing' });
        return { json: await organizations.show(await organizations.write(body.organization_id ?? ports.ids.next('org'), body, blockedOf(body))) };
      },
    }),
    update('POST'),
    update('PATCH'),
    remove('POST'),
    remove('DELETE'),
    route({
      method: 'GET',
      path: '/organization/info',
      summary: 'LiteLLM: read an organisation with its teams',
      query: z.looseObject({ organization_id: organizationId }),
      handle: async ({ query }) => ({ json: await read(query.organization_id) }),
    }),
    route({
      method: 'POST',
      path: '/organization/info',
      summary: 'LiteLLM: read several organisations',
      body: z.looseObject({ organizations: z.array(organizationId) }),
      handle: async ({ body }) => ({ json: await Promise.all(body.organizations.map(read)) }),
    }),
    route({
      method: 'GET',
      path: '/organization/list',
      summary: 'LiteLLM: list organisations',
      handle: async () => ({ json: await organizations.showAll(await organizations.list()) }),
    }),
  ];
}
