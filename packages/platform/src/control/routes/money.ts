import { PlatformError } from '@maru/api/errors';
import {
  budgetListSchema,
  chargePageSchema,
  costsSchema,
  createdKeySchema,
  keyChangeSchema,
  keyInfoSchema,
  keyListSchema,
  keyRotationSchema,
  newKeySchema,
  SPEND_GROUPS,
  savingsSchema,
} from '@maru/api/wire';
import { z } from 'zod';
import type { Clock } from '#time';
import type { ControlPorts } from '../ports.ts';
import { pageQuery, rangeOf, rangeQuery } from '../query.ts';
import { type ControlRoute, route } from '../route.ts';

/** Costs, charges, budgets and keys. */
export function moneyRoutes({ costs, keys }: ControlPorts, clock: Clock): readonly ControlRoute[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/costs',
      summary: 'Sum what was charged, by account of a level, key, model, provider, day or agent',
      query: z.object({ ...rangeQuery, by: z.enum(SPEND_GROUPS).default('model'), split: z.enum(['model']).optional() }),
      reply: costsSchema,
      handle: async ({ query }) => ({ json: await costs.costs({ ...rangeOf(query, clock.nowMs()), by: query.by, split: query.split }) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/savings',
      summary: 'What caches have saved, and which models have calls without a price',
      query: z.object(rangeQuery),
      reply: savingsSchema,
      handle: async ({ query }) => ({ json: await costs.savings(rangeOf(query, clock.nowMs())) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/charges',
      summary: 'List charges, newest first',
      query: z.object({
        ...rangeQuery,
        ...pageQuery,
        tenant: z.string().optional(),
        keyId: z.string().optional(),
        model: z.string().optional(),
        traceId: z.string().optional(),
        requestId: z.string().optional(),
      }),
      reply: chargePageSchema,
      handle: async ({ query }) => ({ json: await costs.charges(query) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/budgets',
      summary: 'List budgets with what is spent and reserved',
      reply: budgetListSchema,
      handle: async () => ({ json: { items: await costs.budgets() } }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/keys',
      summary: 'List keys, without their secrets',
      reply: keyListSchema,
      handle: async () => ({ json: { items: await keys.list() } }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/keys',
      summary: 'Make a key; the secret is shown once',
      body: newKeySchema,
      reply: createdKeySchema,
      handle: async ({ body }) => ({ json: await keys.create(body), status: 201 }),
    }),
    route({
      method: 'PATCH',
      path: '/api/v1/keys/:id',
      summary: 'Change what is named of a key; null takes a setting away',
      body: keyChangeSchema,
      reply: keyInfoSchema,
      handle: async ({ params, body }) => ({ json: await keys.update(params['id'] ?? '', body) }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/keys/:id/rotate',
      summary: 'Give a key a new secret, which is shown once; the one before works until its grace is over',
      body: keyRotationSchema,
      reply: createdKeySchema,
      handle: async ({ params, body }) => ({ json: await keys.rotate(params['id'] ?? '', body.graceMs) }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/keys/:id',
      summary: 'Revoke a key at once',
      handle: async ({ params }) => {
        if (!(await keys.revoke(params['id'] ?? ''))) throw new PlatformError('not_found', { message: `there is no key "${params['id']}"` });
        return { empty: true };
      },
    }),
  ];
}
