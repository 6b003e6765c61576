import { z } from 'zod';
import { defineKind, type Reference, refersTo } from './define-kind.ts';
import { nameSchema } from './metadata.ts';
import { durationSchema } from './quantities.ts';
import { routeSpecSchema } from './route.ts';

const stepBase = {
  name: nameSchema,
  needs: z.array(nameSchema).default([]),
  retries: z.number().int().min(0).max(10).default(0),
  timeout: durationSchema.default('30m'),
};

const pipelineStepSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...stepBase, type: z.literal('ingest'), knowledgeBase: nameSchema }),
  z.strictObject({ ...stepBase, type: z.literal('evaluate'), evaluation: nameSchema }),
  /** Goes on only when the evaluation step has these means or more. */
  z.strictObject({ ...stepBase, type: z.literal('gate'), evaluation: nameSchema, atLeast: z.record(z.string(), z.number()) }),
  /** Applies a Route, so that what was measured becomes what is served. */
  z.strictObject({ ...stepBase, type: z.literal('publish'), route: z.strictObject({ name: nameSchema, spec: routeSpecSchema }) }),
]);
export type PipelineStep = z.infer<typeof pipelineStepSchema>;

const pipelineSpecSchema = z.strictObject({
  description: z.string().optional(),
  /** A cron expression in UTC; by hand only when absent. */
  schedule: z.string().optional(),
  steps: z.array(pipelineStepSchema).min(1),
});
export type PipelineSpec = z.infer<typeof pipelineSpecSchema>;

export const pipelineKind = defineKind({
  kind: 'Pipeline',
  plural: 'pipelines',
  shortNames: ['pl'],
  description: 'A graph of steps that resumes after a crash and stops at a failed gate.',
  spec: pipelineSpecSchema,
  columns: [{ name: 'Phase', type: 'string', jsonPath: '.status.phase' }],
  references: (spec) =>
    spec.steps.flatMap((step, index): Reference[] => {
      switch (step.type) {
        case 'ingest':
          return [refersTo('KnowledgeBase', step.knowledgeBase, 'steps', index, 'knowledgeBase')];
        case 'evaluate':
        case 'gate':
          return [refersTo('Evaluation', step.evaluation, 'steps', index, 'evaluation')];
        case 'publish':
          return step.route.spec.backends.map((backend, position) =>
            refersTo('Model', backend.model, 'steps', index, 'route', 'spec', 'backends', position, 'model'),
          );
      }
    }),
});
