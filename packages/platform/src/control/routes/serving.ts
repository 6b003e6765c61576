import { decisionListSchema, formatListSchema, overviewSchema, servedModelListSchema } from '@maru/api/wire';
import { z } from 'zod';
import { loadFormat, WIRE_FORMATS } from '#formats';
import type { Clock } from '#time';
import type { ControlPorts } from '../ports.ts';
import { rangeOf, rangeQuery } from '../query.ts';
import { type ControlRoute, route } from '../route.ts';

const name = z.string().max(500).optional();
const decisionFilter = { requestId: name, traceId: name, route: name, model: name, endpoint: name };

/** Overview, served models, route decisions. */
export function servingRoutes(ports: ControlPorts, clock: Clock): readonly ControlRoute[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/overview',
      summary: 'Requests, spend, cache hits, latency and errors of a time range, with what needs attention',
      query: z.object({ ...rangeQuery, buckets: z.coerce.number().int().min(2).max(400).default(48) }),
      reply: overviewSchema,
      handle: async ({ query }) => ({ json: await ports.overview({ ...rangeOf(query, clock.nowMs()), buckets: query.buckets }) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/models',
      summary: 'Everything that can be named as "model", with its endpoints',
      access: 'key',
      reply: servedModelListSchema,
      handle: async () => ({ json: { items: await ports.models() } }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/formats',
      summary: 'The wire formats of chat calls, and what each carries',
      access: 'key',
      reply: formatListSchema,
      handle: async () => ({
        json: { items: await Promise.all(WIRE_FORMATS.map(async (format) => ({ name: format, carries: (await loadFormat(format)).capabilities }))) },
      }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/decisions',
      summary: 'Why requests went where they went',
      access: 'key',
      query: z.object({ ...decisionFilter, limit: z.coerce.number().int().min(1).max(500).default(50) }),
      reply: decisionListSchema,
      handle: async ({ query }) => ({ json: { items: await ports.decisions(query) } }),
    }),
  ];
}
