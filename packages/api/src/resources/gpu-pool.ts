import { z } from 'zod';
import { defineKind, refersTo } from './define-kind.ts';
import { nameSchema } from './metadata.ts';
import { durationSchema, quantitySchema } from './quantities.ts';

const gpuPoolSpecSchema = z.strictObject({
  description: z.string().optional(),
  cluster: nameSchema.optional(),
  /** EC2 instance types, cheapest that fits first. */
  instanceTypes: z.array(z.string().min(1)).min(1),
  capacityTypes: z
    .array(z.enum(['spot', 'on-demand', 'reserved']))
    .min(1)
    .default(['on-demand']),
  zones: z.array(z.string()).default([]),
  limits: z.strictObject({ gpus: z.number().int().positive(), cpu: quantitySchema.optional(), memory: quantitySchema.optional() }),
  sharing: z
    .discriminatedUnion('mode', [
      z.strictObject({ mode: z.literal('exclusive') }),
      z.strictObject({ mode: z.literal('time-slicing'), replicas: z.number().int().min(2).max(48) }),
      z.strictObject({ mode: z.literal('mps'), replicas: z.number().int().min(2).max(48) }),
      z.strictObject({ mode: z.literal('mig'), profiles: z.record(z.string(), z.number().int().positive()) }),
      z.strictObject({ mode: z.literal('dra'), deviceClass: z.string().default('gpu.nvidia.com') }),
    ])
    .default({ mode: 'exclusive' }),
  disruption: z
    .strictObject({
      consolidate: z.enum(['when-empty', 'when-empty-or-underutilized']).default('when-empty-or-underutilized'),
      after: durationSchema.default('5m'),
      budgets: z
        .array(z.strictObject({ nodes: z.string().regex(/^(100|[1-9]?\d)%$|^\d+$/), schedule: z.string().optional(), duration: durationSchema.optional() }))
        .default([]),
    })
    .default({ consolidate: 'when-empty-or-underutilized', after: '5m', budgets: [] }),
  nodeClass: z
    .strictObject({
      /** `${CLUSTER_NAME}` is replaced when the manifests are rendered. */
      role: z.string().default('KarpenterNodeRole-${CLUSTER_NAME}'),
      amiAlias: z.string().default('al2023@latest'),
      discoveryTag: z.string().default('${CLUSTER_NAME}'),
      volumeSize: quantitySchema.default('200Gi'),
      autoMode: z.boolean().default(false),
    })
    .default({ role: 'KarpenterNodeRole-${CLUSTER_NAME}', amiAlias: 'al2023@latest', discoveryTag: '${CLUSTER_NAME}', volumeSize: '200Gi', autoMode: false }),
  taints: z.boolean().default(true),
  labels: z.record(z.string(), z.string()).default({}),
  weight: z.number().int().min(1).max(100).optional(),
});
export type GpuPoolSpec = z.infer<typeof gpuPoolSpecSchema>;

export const gpuPoolKind = defineKind({
  kind: 'GpuPool',
  plural: 'gpupools',
  shortNames: ['gp'],
  description: 'GPU nodes: instance types, capacity, sharing mode, limits; becomes a Karpenter NodePool.',
  spec: gpuPoolSpecSchema,
  columns: [
    { name: 'Sharing', type: 'string', jsonPath: '.spec.sharing.mode' },
    { name: 'GPUs', type: 'integer', jsonPath: '.spec.limits.gpus' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  ],
  references: (spec) => (spec.cluster === undefined ? [] : [refersTo('Cluster', spec.cluster, 'cluster')]),
});
