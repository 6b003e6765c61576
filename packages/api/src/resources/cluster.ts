import { z } from 'zod';
import { defineKind } from './define-kind.ts';
import { secretRefSchema, urlSchema } from './quantities.ts';

const clusterSpecSchema = z.strictObject({
  description: z.string().optional(),
  region: z.string().optional(),
  provider: z.enum(['eks', 'eks-auto-mode', 'hybrid', 'other']).default('eks'),
  /** How to reach it: the cluster that Maru runs in, a context of a kubeconfig, or a server with a token. */
  access: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('in-cluster') }),
    z.strictObject({ type: z.literal('kubeconfig'), context: z.string().optional(), path: z.string().optional() }),
    z.strictObject({ type: z.literal('token'), server: urlSchema, token: secretRefSchema, caData: z.string().optional() }),
  ]),
  kubernetesVersion: z.string().optional(),
});
export type ClusterSpec = z.infer<typeof clusterSpecSchema>;

export const clusterKind = defineKind({
  kind: 'Cluster',
  plural: 'clusters',
  shortNames: ['cl'],
  description: 'A Kubernetes cluster that is a member of the fleet.',
  spec: clusterSpecSchema,
  columns: [
    { name: 'Region', type: 'string', jsonPath: '.spec.region' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  ],
});
