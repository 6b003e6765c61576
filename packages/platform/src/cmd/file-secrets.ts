import type { SecretRef } from '@maru/api/resources';

/** Secrets that stand in a foreign configuration file; kept in memory only, and in place of variables of the environment. */
export interface FileSecrets {
  /** Adds those of a file that is about to take force: what is in force goes on working when the file is refused. */
  offer(secrets: ReadonlyMap<string, string>): void;
  list(): readonly (readonly [name: string, value: string])[];
  resolve(ref: SecretRef): string | undefined;
}

export function createFileSecrets(): FileSecrets {
  const held = new Map<string, string>();
  return {
    offer: (secrets) => {
      for (const [name, value] of secrets) held.set(name, value);
    },
    list: () => [...held],
    resolve: (ref) => ('env' in ref ? held.get(ref.env) : undefined),
  };
}
