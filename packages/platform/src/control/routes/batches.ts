import { batchPageSchema } from '@maru/api/wire';
import { z } from 'zod';
import type { ControlPorts } from '../ports.ts';
import { pageQuery } from '../query.ts';
import { type ControlRoute, route } from '../route.ts';

/** Batches of all tenants, for the operator. */
export const batchRoutes = ({ batches }: ControlPorts): readonly ControlRoute[] => [
  route({
    method: 'GET',
    path: '/api/v1/batches',
    summary: 'List batches of all tenants, newest first',
    query: z.object({ ...pageQuery, tenant: z.string().optional() }),
    reply: batchPageSchema,
    handle: async ({ query }) => ({ json: await batches.list(query) }),
  }),
  route({
    method: 'POST',
    path: '/api/v1/batches/:id:cancel',
    summary: 'Cancel a batch: no further line starts',
    handle: async ({ params }) => {
      await batches.cancel(params['id'] ?? '');
      return { empty: true };
    },
  }),
];
