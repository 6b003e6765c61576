import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import { accountBodySchema, blockedOf } from './account-body.ts';
import { PROJECT, TEAM } from './account-kinds.ts';
import { accountDesk } from './account-store.ts';
import type { LitellmPorts } from './ports.ts';

const id = z.string().min(1).max(256);
const projectShape = { ...accountBodySchema.shape, project_alias: z.string().nullish(), description: z.string().nullish() };

/** `/project/*`: a part of a team with budgets and limits of its own, which count beside those of the team. */
export function projectRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const projects = accountDesk(ports, PROJECT);
  const teams = accountDesk(ports, TEAM);

  return [
    route({
      method: 'POST',
      path: '/project/new',
      summary: 'LiteLLM: make a project of a team',
      body: z.looseObject({ ...projectShape, project_id: id.nullish(), team_id: id }),
      handle: async ({ body }) => {
        await teams.read(body.team_id);
        const name = body.project_id ?? ports.ids.next('project');
        if ((await ports.ledger.getAccount('project', name)) !== undefined)
          throw new PlatformError('conflict', { message: `there is a project "${name}" already` });
        return { json: await projects.show(await projects.write(name, body, blockedOf(body))) };
      },
    }),
    route({
      method: 'POST',
      path: '/project/update',
      summary: 'LiteLLM: change a project; what is left out stays',
      body: z.looseObject({ ...projectShape, project_id: id }),
      handle: async ({ body }) => {
        await projects.read(body.project_id);
        if (typeof body.team_id === 'string') await teams.read(body.team_id);
        return { json: await projects.show(await projects.write(body.project_id, body, blockedOf(body))) };
      },
    }),
    route({
      method: 'DELETE',
      path: '/project/delete',
      summary: 'LiteLLM: delete projects',
      body: z.looseObject({ project_ids: z.array(id).min(1) }),
      handle: async ({ body }) => {
        const shown = await projects.showAll(await Promise.all(body.project_ids.map(projects.read)));
        await projects.remove(body.project_ids);
        return { json: shown };
      },
    }),
    route({
      method: 'GET',
      path: '/project/info',
      summary: 'LiteLLM: read a project',
      query: z.looseObject({ project_id: id }),
      handle: async ({ query }) => ({ json: await projects.show(await projects.read(query.project_id)) }),
    }),
    route({
      method: 'GET',
      path: '/project/list',
      summary: 'LiteLLM: list projects',
      handle: async () => ({ json: await projects.showAll(await projects.list()) }),
    }),
  ];
}
