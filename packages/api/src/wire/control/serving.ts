import { z } from 'zod';
import { routeDecisionSchema } from '../../records/index.ts';
import { endpointStateSchema } from './overview.ts';

/** `GET /api/v1/models`: everything that can be named as `model` in a request. */
export const servedModelSchema = z.object({
  /** What clients send: `reader`, `auto`, `agent/guide`. */
  id: z.string(),
  kind: z.enum(['model', 'route', 'agent']),
  description: z.string().nullable(),
  provider: z.string().nullable(),
  simulated: z.boolean(),
  capabilities: z.array(z.string()),
  contextWindow: z.number().nullable(),
  price: z
    .object({ inputUsdPerMillion: z.number(), outputUsdPerMillion: z.number(), cacheReadUsdPerMillion: z.number().nullable(), source: z.string() })
    .nullable(),
  /** What it is and is not, in Markdown. */
  card: z.string().nullable(),
  /** Models behind a route, in order; the model of an agent. */
  targets: z.array(z.string()),
  endpoints: z.array(endpointStateSchema),
});
export type ServedModel = z.infer<typeof servedModelSchema>;
export const servedModelListSchema = z.object({ items: z.array(servedModelSchema) });

/** `GET /api/v1/decisions?requestId=|traceId=|limit=`. */
export const decisionListSchema = z.object({ items: z.array(routeDecisionSchema) });
