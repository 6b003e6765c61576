import type { KubeManifest } from './manifest.ts';

/** A DNS-1035 label for Services and Deployments: names of resources may have dots and begin with a digit, these may not. */
export function kubeName(name: string): string {
  const label = name.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
  return (/^[a-z]/.test(label) ? label : `m-${label}`).slice(0, 57).replace(/-+$/, '');
}

export const LABELS = {
  managedBy: 'app.kubernetes.io/managed-by',
  partOf: 'app.kubernetes.io/part-of',
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  model: 'maru.dev/model',
  engine: 'maru.dev/engine',
  /** On everything that answers with invented text or modelled timing. */
  simulated: 'maru.dev/simulated',
  pool: 'maru.dev/pool',
  route: 'maru.dev/route',
} as const;

export const managedLabels = (extra: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  [LABELS.managedBy]: 'maru',
  [LABELS.partOf]: 'maru',
  ...extra,
});

/** Metadata of a namespaced object. */
export const meta = (name: string, namespace: string, labels: Readonly<Record<string, string>>): KubeManifest['metadata'] => ({ name, namespace, labels });

/** `sum(x) by …` needs label values inside quotes; names of models have no characters to escape, but nothing is taken for granted. */
export const promqlString = (value: string): string => `"${value.replace(/["\\\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))}"`;
