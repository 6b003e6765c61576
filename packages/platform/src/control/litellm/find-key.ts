import { PlatformError } from '@maru/api/errors';
import type { KeyInfo } from '#ledger';
import type { LitellmPorts } from './ports.ts';

/** The key of a secret, of its hash, or of an id. Throws `not_found`. */
export async function findKey(ledger: LitellmPorts['ledger'], name: string): Promise<KeyInfo> {
  const found = (await ledger.findKey(name)) ?? (await ledger.getKey(name));
  if (found === undefined)
    throw new PlatformError('not_found', { message: `no key is "${name.startsWith('sk-') ? `${name.slice(0, 7)}…` : name.slice(0, 100)}"` });
  return found;
}

/** The key with an alias. Throws `not_found`. */
export async function findKeyByAlias(ledger: LitellmPorts['ledger'], alias: string): Promise<KeyInfo> {
  const [found] = await ledger.listKeys({ name: alias });
  if (found === undefined) throw new PlatformError('not_found', { message: `no key has the alias "${alias.slice(0, 100)}"` });
  return found;
}
