import { z } from 'zod';

export const API_VERSION = 'maru.dev/v1alpha1';

/** DNS label of Kubernetes, also the name of a model, route or agent in the gateway. */
export const nameSchema = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'must be lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit');

export const metadataSchema = z.strictObject({
  name: nameSchema,
  namespace: nameSchema.optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  /** Set by the API server; kept so that `kubectl get -o yaml` can be read back. */
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  generation: z.number().int().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).optional(),
  ownerReferences: z.array(z.record(z.string(), z.unknown())).optional(),
  managedFields: z.array(z.record(z.string(), z.unknown())).optional(),
});
export type Metadata = z.infer<typeof metadataSchema>;

/** Kubernetes condition, as in `metav1.Condition`. */
export const conditionSchema = z.strictObject({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.string(),
  observedGeneration: z.number().int().optional(),
});
export type Condition = z.infer<typeof conditionSchema>;

/** What every kind reports. */
export const statusSchema = z.looseObject({
  phase: z.enum(['Pending', 'Ready', 'Degraded', 'Failed', 'Deleting']).optional(),
  message: z.string().optional(),
  observedGeneration: z.number().int().optional(),
  conditions: z.array(conditionSchema).optional(),
});
export type Status = z.infer<typeof statusSchema>;
