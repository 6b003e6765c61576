import type { KubeManifest } from '../manifest.ts';

/** Something that a schema accepts and that is wrong all the same. */
export interface Finding {
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  /** `Deployment/sim-8b`. */
  readonly object: string;
  readonly path: string;
  /** What is wrong and what to write instead. */
  readonly message: string;
}

/** A check over all objects: some mistakes show only between two of them. */
export type LintRule = (objects: readonly KubeManifest[]) => readonly Finding[];

export const nameOf = (object: KubeManifest): string => `${object.kind}/${object.metadata.name}`;

/** Reads a path such as `spec.template.spec`; undefined where any part is missing. */
export function at(value: unknown, path: string): unknown {
  let current = value;
  for (const part of path.split('.')) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[part];
  }
  return current;
}

export const list = (value: unknown): readonly Record<string, unknown>[] => (Array.isArray(value) ? (value as Record<string, unknown>[]) : []);
export const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
