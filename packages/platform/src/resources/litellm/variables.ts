import { createHash } from 'node:crypto';
import type { SecretRef } from '@maru/api/resources';
import type { Notices } from './notices.ts';
import type { Path } from './place.ts';

const PREFIX = 'os.environ/';

/** Reads one variable of the environment. */
export type ReadVariable = (name: string) => string | undefined;

/** Values of a configuration, with `os.environ/NAME` resolved. */
export interface Variables {
  /** A value with every reference replaced; a reference to a variable that is not set becomes undefined. */
  resolve(value: unknown, path: Path): unknown;
  /** A secret by reference; undefined where the value is absent. A written secret is kept in memory under a name made of its hash. */
  secret(value: unknown, path: Path): SecretRef | undefined;
  /** Whether a variable is set, in the environment or in `environment_variables`. */
  has(name: string): boolean;
  read(name: string): string | undefined;
  /** Written secrets by the name that the resources refer to. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** `environment_variables` of the configuration win over the environment, as LiteLLM exports them first. */
export function createVariables(options: { readonly block: unknown; readonly environment: ReadVariable; readonly notices: Notices }): Variables {
  const { block, environment, notices } = options;
  const written = new Map<string, string>();
  const secrets = new Map<string, string>();
  const entries = typeof block === 'object' && block !== null && !Array.isArray(block) ? Object.entries(block) : [];
  for (const [name, value] of entries) {
    if (value === null || value === undefined) continue;
    const reference = referenceOf(value);
    const text = reference === undefined ? String(value) : environment(reference);
    if (text === undefined) notices.warn(['environment_variables', name], `the variable ${reference ?? name} is not set`);
    else written.set(name, text);
  }
  const read = (name: string): string | undefined => written.get(name) ?? environment(name);

  const keep = (text: string): SecretRef => {
    const name = `LITELLM_FILE_${createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase()}`;
    secrets.set(name, text);
    return { env: name };
  };

  return {
    secrets,
    read,
    has: (name) => (read(name) ?? '') !== '',
    resolve: (value, path) =>
      resolveAll(value, path, (name, at) => {
        const found = read(name);
        if (found === undefined) notices.warn(at, `the variable ${name} is not set`);
        return found;
      }),
    secret(value, path) {
      if (value === undefined || value === null || value === '') return undefined;
      const name = referenceOf(value);
      if (name === undefined) return keep(typeof value === 'string' ? value : JSON.stringify(value));
      const own = written.get(name);
      if (own !== undefined) return keep(own);
      if (environment(name) === undefined) notices.warn(path, `the variable ${name} is not set`);
      return { env: name };
    },
  };
}

/** NAME of `os.environ/NAME`. */
export const referenceOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.startsWith(PREFIX) ? value.slice(PREFIX.length) : undefined;

function resolveAll(value: unknown, path: Path, read: (name: string, path: Path) => string | undefined): unknown {
  const name = referenceOf(value);
  if (name !== undefined) return read(name, path);
  if (Array.isArray(value)) return value.map((entry, index) => resolveAll(entry, [...path, index], read));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, resolveAll(entry, [...path, key], read)]));
}
