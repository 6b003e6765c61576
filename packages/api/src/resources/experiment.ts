import { z } from 'zod';
import { defineKind, refersTo } from './define-kind.ts';
import { nameSchema } from './metadata.ts';
import { durationSchema } from './quantities.ts';

const experimentSpecSchema = z.strictObject({
  description: z.string().optional(),
  variants: z.array(z.strictObject({ name: nameSchema, model: nameSchema, weight: z.number().int().min(0).default(1) })).min(2),
  /** What stays with one variant: a session, a user or each request alone. */
  unit: z.enum(['session', 'user', 'request']).default('session'),
  metrics: z.array(z.enum(['latency-p99', 'ttft', 'cost-per-request', 'error-rate', 'score'])).min(1),
  /** Name of the score, when `score` is among the metrics. */
  score: z.string().optional(),
  duration: durationSchema.default('14d'),
});
export type ExperimentSpec = z.infer<typeof experimentSpecSchema>;

export const experimentKind = defineKind({
  kind: 'Experiment',
  plural: 'experiments',
  shortNames: ['exp'],
  description: 'Splits the traffic of a route among variants and compares them.',
  spec: experimentSpecSchema,
  columns: [{ name: 'Phase', type: 'string', jsonPath: '.status.phase' }],
  references: (spec) => spec.variants.map((variant, index) => refersTo(['Model', 'Route'], variant.model, 'variants', index, 'model')),
});
