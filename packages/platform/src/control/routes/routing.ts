import { PlatformError } from '@maru/api/errors';
import { calibrationSchema, decisionDetailSchema, locateRequestSchema, prefixPlacesSchema, routingSchema } from '@maru/api/wire';
import { z } from 'zod';
import type { Clock } from '#time';
import type { ControlPorts } from '../ports.ts';
import { rangeOf, rangeQuery } from '../query.ts';
import { type ControlRoute, route } from '../route.ts';

/** Endpoints as the router sees them, where prompts are cached, and whether its expectations came true. */
export function routingRoutes({ routing }: ControlPorts, clock: Clock): readonly ControlRoute[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/routing',
      summary: 'The endpoints of every model: load, cache, what the router has learned, and what is degraded',
      reply: routingSchema,
      handle: async () => ({ json: await routing.endpoints() }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/routing/calibration',
      summary: 'What was expected of each endpoint and what came of it, in stretches of five minutes of the last day',
      query: z.object(rangeQuery),
      reply: calibrationSchema,
      handle: async ({ query }) => ({ json: await routing.calibration(rangeOf(query, clock.nowMs())) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/routing/decisions/:id',
      summary: 'One decision, what its other candidates would have meant, and where its prompt is cached now',
      reply: decisionDetailSchema,
      handle: async ({ params }) => {
        const detail = await routing.decision(params['id'] ?? '');
        if (detail === undefined) throw new PlatformError('not_found', { message: `there is no decision "${params['id']}"; only the last ones are kept` });
        return { json: detail };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/routing:locate',
      summary: 'Which endpoints hold how much of a prompt; it is neither kept nor sent to a model',
      body: locateRequestSchema,
      reply: prefixPlacesSchema,
      handle: async ({ body }) => ({ json: await routing.locate(body) }),
    }),
  ];
}
