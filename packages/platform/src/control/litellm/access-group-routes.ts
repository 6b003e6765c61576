import { PlatformError } from '@maru/api/errors';
import type { Route } from '@maru/api/resources';
import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import type { LitellmPorts } from './ports.ts';
import { toLoaded } from './to-loaded.ts';

const ANNOTATION = 'maru.dev/model-groups';
const groupName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^,]+$/, 'must not contain a comma');
const names = z.array(z.string().min(1)).min(1).max(1000);

/** `/access_group/*`: names for several models, which the model lists of keys and teams may hold. */
export function accessGroupRoutes({ registry }: LitellmPorts): readonly ControlRoute[] {
  const publicName = (each: Route): string => each.metadata.annotations?.['litellm.ai/model-name'] ?? each.metadata.name;
  const groupsOf = (each: Route): readonly string[] =>
    (each.metadata.annotations?.[ANNOTATION] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
  const membersOf = (group: string): readonly Route[] => registry.list('Route').filter((each) => groupsOf(each).includes(group));
  const show = (group: string) => {
    const routes = membersOf(group);
    return { access_group: group, model_names: routes.map(publicName), deployment_count: routes.reduce((sum, each) => sum + each.spec.backends.length, 0) };
  };
  const read = (group: string): readonly Route[] => {
    const routes = membersOf(group);
    if (routes.length === 0) throw new PlatformError('not_found', { message: `there is no access group "${group.slice(0, 100)}"` });
    return routes;
  };
  /** Exactly these models are in the group from now on. */
  const write = async (group: string, wanted: readonly string[]): Promise<number> => {
    const all = registry.list('Route');
    for (const name of wanted)
      if (!all.some((each) => publicName(each) === name))
        throw new PlatformError('invalid_request', { message: `there is no model "${name.slice(0, 100)}" behind a route`, details: { param: 'model_names' } });
    const changed = all.flatMap((each) => {
      const before = groupsOf(each);
      const others = before.filter((name) => name !== group);
      const after = wanted.includes(publicName(each)) ? [...others, group] : others;
      if (after.length === before.length) return [];
      const { [ANNOTATION]: _before, ...annotations } = each.metadata.annotations ?? {};
      return [{ ...each, metadata: { ...each.metadata, annotations: after.length === 0 ? annotations : { ...annotations, [ANNOTATION]: after.join(',') } } }];
    });
    if (changed.length > 0) await registry.apply(changed.map(toLoaded));
    return changed.length;
  };

  return [
    route({
      method: 'POST',
      path: '/access_group/new',
      summary: 'LiteLLM: make an access group',
      body: z.looseObject({ access_group: groupName, model_names: names }),
      handle: async ({ body }) => {
        if (membersOf(body.access_group).length > 0)
          throw new PlatformError('conflict', { message: `there is an access group "${body.access_group}" already` });
        const updated = await write(body.access_group, body.model_names);
        return { json: { access_group: body.access_group, model_names: body.model_names, models_updated: updated } };
      },
    }),
    route({
      method: 'GET',
      path: '/access_group/list',
      summary: 'LiteLLM: list access groups',
      handle: () => ({ json: { access_groups: [...new Set(registry.list('Route').flatMap(groupsOf))].sort().map(show) } }),
    }),
    route({
      method: 'GET',
      path: '/access_group/:group/info',
      summary: 'LiteLLM: read an access group',
      handle: ({ params }) => {
        read(params['group'] ?? '');
        return { json: show(params['group'] ?? '') };
      },
    }),
    ...(['PUT', 'POST'] as const).map((method) =>
      route({
        method,
        path: '/access_group/:group/update',
        summary: 'LiteLLM: change the models of an access group',
        body: z.looseObject({ model_names: names }),
        handle: async ({ params, body }) => {
          const group = params['group'] ?? '';
          read(group);
          const updated = await write(group, body.model_names);
          return { json: { access_group: group, model_names: body.model_names, models_updated: updated } };
        },
      }),
    ),
    route({
      method: 'DELETE',
      path: '/access_group/:group/delete',
      summary: 'LiteLLM: take an access group away; its models stay',
      handle: async ({ params }) => {
        const group = params['group'] ?? '';
        read(group);
        return { json: { access_group: group, models_updated: await write(group, []), message: `Access group '${group}' deleted successfully` } };
      },
    }),
  ];
}
