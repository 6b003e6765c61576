import { z } from 'zod';
import { API_VERSION, metadataSchema, statusSchema } from './metadata.ts';

/** A column of `kubectl get` and of `maru get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
}

/** Where a spec names another resource, for reference checks. */
export interface Reference {
  readonly kind: readonly string[];
  /** Path from the resource, for example `spec.backends.1.model`. */
  readonly path: readonly (string | number)[];
  readonly name: string;
}

export interface KindDefinition<Kind extends string, Spec extends z.ZodType> {
  readonly kind: Kind;
  readonly plural: string;
  readonly shortNames: readonly string[];
  /** One sentence for docs, CRD descriptions and `maru explain`. */
  readonly description: string;
  readonly spec: Spec;
  readonly schema: z.ZodObject<{
    apiVersion: z.ZodLiteral<typeof API_VERSION>;
    kind: z.ZodLiteral<Kind>;
    metadata: typeof metadataSchema;
    spec: Spec;
    status: z.ZodOptional<typeof statusSchema>;
  }>;
  readonly columns: readonly PrinterColumn[];
  /** Names of other resources in a spec that has passed `schema`. */
  readonly references: (spec: z.infer<Spec>) => readonly Reference[];
}

export interface KindOptions<Kind extends string, Spec extends z.ZodType> {
  readonly kind: Kind;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly description: string;
  readonly spec: Spec;
  readonly columns?: readonly PrinterColumn[];
  readonly references?: (spec: z.infer<Spec>) => readonly Reference[];
}

/** Makes a resource kind out of its spec: strict at every level, with the envelope of Kubernetes around it. */
export function defineKind<const Kind extends string, Spec extends z.ZodType>(options: KindOptions<Kind, Spec>): KindDefinition<Kind, Spec> {
  const schema = z.strictObject({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal(options.kind),
    metadata: metadataSchema,
    spec: options.spec,
    status: statusSchema.optional(),
  });
  return Object.freeze({
    kind: options.kind,
    plural: options.plural,
    shortNames: options.shortNames ?? [],
    description: options.description,
    spec: options.spec,
    schema: schema as unknown as KindDefinition<Kind, Spec>['schema'],
    columns: options.columns ?? [],
    references: options.references ?? (() => []),
  });
}

/** Shorthand for a {@link Reference} below `spec`. */
export const refersTo = (kind: string | readonly string[], name: string, ...path: (string | number)[]): Reference => ({
  kind: typeof kind === 'string' ? [kind] : kind,
  path: ['spec', ...path],
  name,
});
