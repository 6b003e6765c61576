import { PlatformError } from '@maru/api/errors';
import type { Route } from '@maru/api/resources';
import { z } from 'zod';
import { type ControlRoute, route } from '../route.ts';
import type { LitellmPorts } from './ports.ts';
import { toLoaded } from './to-loaded.ts';

const KINDS = { general: 'any', context_window: 'context-window', content_policy: 'content-policy' } as const;
const kind = z.enum(['general', 'context_window', 'content_policy']).default('general');

/** `/fallback`: where the requests of a model go when it fails. */
export function fallbackRoutes({ registry }: LitellmPorts): readonly ControlRoute[] {
  const find = (name: string): Route | undefined =>
    registry
      .list('Route')
      .find((each) => each.metadata.name === name || each.spec.aliases.includes(name) || each.metadata.annotations?.['litellm.ai/model-name'] === name);
  const read = (name: string): Route => {
    const found = find(name);
    if (found === undefined) throw new PlatformError('not_found', { message: `there is no model "${name.slice(0, 100)}" behind a route` });
    return found;
  };
  const resourceOf = (name: string): string => {
    const found = find(name)?.metadata.name ?? registry.get('Model', name)?.metadata.name;
    if (found === undefined)
      throw new PlatformError('invalid_request', { message: `there is no model "${name.slice(0, 100)}"`, details: { param: 'fallback_models' } });
    return found;
  };
  const publicName = (name: string): string => registry.get('Route', name)?.metadata.annotations?.['litellm.ai/model-name'] ?? name;
  const write = async (target: Route, type: keyof typeof KINDS, to: readonly string[]): Promise<void> => {
    const others = target.spec.fallbacks.filter((fallback) => fallback.on !== KINDS[type]);
    const fallbacks = to.length === 0 ? others : [...others, { to: [...to], on: KINDS[type] } as (typeof others)[number]];
    await registry.apply([toLoaded({ ...target, spec: { ...target.spec, fallbacks } })]);
  };
  const targetsOf = (target: Route, type: keyof typeof KINDS): readonly string[] =>
    target.spec.fallbacks.filter((fallback) => fallback.on === KINDS[type]).flatMap((fallback) => fallback.to);

  return [
    route({
      method: 'POST',
      path: '/fallback',
      summary: 'LiteLLM: set the fallbacks of a model',
      body: z.looseObject({ model: z.string().min(1), fallback_models: z.array(z.string().min(1)).min(1).max(50), fallback_type: kind }),
      handle: async ({ body }) => {
        if (body.fallback_models.includes(body.model)) throw new PlatformError('invalid_request', { message: 'a model can not be its own fallback' });
        await write(read(body.model), body.fallback_type, body.fallback_models.map(resourceOf));
        const { model, fallback_models, fallback_type } = body;
        return { json: { model, fallback_models, fallback_type, message: 'Fallback configured successfully' } };
      },
    }),
    route({
      method: 'GET',
      path: '/fallback/:model',
      summary: 'LiteLLM: read the fallbacks of a model',
      query: z.looseObject({ fallback_type: kind }),
      handle: ({ params, query }) => {
        const model = params['model'] ?? '';
        const targets = targetsOf(read(model), query.fallback_type);
        if (targets.length === 0)
          throw new PlatformError('not_found', { message: `"${model.slice(0, 100)}" has no fallbacks of the type ${query.fallback_type}` });
        return { json: { model, fallback_models: targets.map(publicName), fallback_type: query.fallback_type } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/fallback/:model',
      summary: 'LiteLLM: take the fallbacks of a model away',
      query: z.looseObject({ fallback_type: kind }),
      handle: async ({ params, query }) => {
        const model = params['model'] ?? '';
        await write(read(model), query.fallback_type, []);
        return { json: { model, fallback_type: query.fallback_type, message: 'Fallback deleted successfully' } };
      },
    }),
  ];
}
