import { z } from 'zod';
import { defineKind, refersTo } from './define-kind.ts';
import { nameSchema } from './metadata.ts';

/** One measure over the rows of a dataset. */
const evaluatorSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('exact-match'), ignoreCase: z.boolean().default(true) }),
  z.strictObject({ type: z.literal('contains'), ignoreCase: z.boolean().default(true) }),
  z.strictObject({ type: z.literal('json-match') }),
  z.strictObject({ type: z.literal('hit'), k: z.number().int().min(1).max(100).default(5) }),
  z.strictObject({ type: z.literal('mrr'), k: z.number().int().min(1).max(100).default(10) }),
  z.strictObject({ type: z.literal('ndcg'), k: z.number().int().min(1).max(100).default(10) }),
  z.strictObject({ type: z.literal('faithfulness'), judge: nameSchema }),
  z.strictObject({ type: z.literal('context-precision'), judge: nameSchema }),
]);
export type EvaluatorSpec = z.infer<typeof evaluatorSchema>;

const evaluationSpecSchema = z.strictObject({
  description: z.string().optional(),
  dataset: nameSchema,
  target: z.union([z.strictObject({ agent: nameSchema }), z.strictObject({ model: nameSchema }), z.strictObject({ knowledgeBase: nameSchema })]),
  evaluators: z.array(evaluatorSchema).min(1),
  /** Least mean per evaluator, by type, for example `{hit: 0.8}`. */
  thresholds: z.record(z.string(), z.number()).default({}),
  concurrency: z.number().int().min(1).max(64).default(4),
});
export type EvaluationSpec = z.infer<typeof evaluationSpecSchema>;

export const evaluationKind = defineKind({
  kind: 'Evaluation',
  plural: 'evaluations',
  shortNames: ['eval'],
  description: 'Measures an agent, a model or a knowledge base on a dataset, and passes or fails by thresholds.',
  spec: evaluationSpecSchema,
  columns: [
    { name: 'Dataset', type: 'string', jsonPath: '.spec.dataset' },
    { name: 'Verdict', type: 'string', jsonPath: '.status.verdict' },
  ],
  references: (spec) => [
    refersTo('Dataset', spec.dataset, 'dataset'),
    ...('agent' in spec.target ? [refersTo('Agent', spec.target.agent, 'target', 'agent')] : []),
    ...('model' in spec.target ? [refersTo(['Model', 'Route'], spec.target.model, 'target', 'model')] : []),
    ...('knowledgeBase' in spec.target ? [refersTo('KnowledgeBase', spec.target.knowledgeBase, 'target', 'knowledgeBase')] : []),
    ...spec.evaluators.flatMap((evaluator, index) =>
      'judge' in evaluator ? [refersTo(['Model', 'Route'], evaluator.judge, 'evaluators', index, 'judge')] : [],
    ),
  ],
});
