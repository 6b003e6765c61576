import { z } from 'zod';

/** One mistake in YAML, placed so that an editor can underline it. Lines and columns count from 1. */
export const resourceProblemSchema = z.object({
  file: z.string().nullable(),
  line: z.number(),
  column: z.number(),
  /** Path in the resource, for example `spec.backends[0].model`. */
  path: z.string(),
  code: z.string(),
  message: z.string(),
});
export type ResourceProblem = z.infer<typeof resourceProblemSchema>;

const anyResource = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.record(z.string(), z.unknown()),
  status: z.looseObject({ phase: z.string().optional(), message: z.string().optional() }).optional(),
});

/** `GET /api/v1/resources?kind=`. */
export const resourceListSchema = z.object({ items: z.array(anyResource) });
/** `GET /api/v1/resources/{kind}/{name}`. */
export const resourceDetailSchema = z.object({ resource: anyResource, yaml: z.string(), usedBy: z.array(z.string()), uses: z.array(z.string()) });
/** Body of `POST /api/v1/resources:validate` and `:apply`. */
export const yamlBodySchema = z.strictObject({ yaml: z.string().max(5_000_000) });
export const validateReplySchema = z.object({ valid: z.boolean(), problems: z.array(resourceProblemSchema) });
/** Names are `Kind/name`. */
export const applyReplySchema = z.object({ created: z.array(z.string()), changed: z.array(z.string()), unchanged: z.array(z.string()) });
