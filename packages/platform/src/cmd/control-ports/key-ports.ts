import { isPlatformError } from '@maru/api/errors';
import type { KeyInfo } from '@maru/api/wire';
import type { KeyPorts } from '#control';
import type { Ledger, KeyInfo as LedgerKey } from '#ledger';

/** Keys for the control plane. */
export function keyPorts(ledger: Ledger): KeyPorts {
  const spentByKey = async (): Promise<ReadonlyMap<string, number>> => new Map((await ledger.spend({ by: 'key' })).map((row) => [row.group, row.costNanoUsd]));
  return {
    async list() {
      const spent = await spentByKey();
      return (await ledger.listKeys()).map((key) => toInfo(key, spent.get(key.id) ?? 0));
    },
    async create({ tenant = 'default', ...settings }) {
      const made = await ledger.createKey({ tenant, ...settings });
      return { key: toInfo(made.key, 0), secret: made.secret };
    },
    async update(id, change) {
      const key = await ledger.updateKey(id, change);
      return toInfo(key, (await spentByKey()).get(id) ?? 0);
    },
    async rotate(id, graceMs) {
      const { key, secret } = await ledger.rotateKey(id, { graceMs });
      return { key: toInfo(key, (await spentByKey()).get(id) ?? 0), secret };
    },
    async revoke(id) {
      try {
        await ledger.revokeKey(id);
        return true;
      } catch (error) {
        if (isPlatformError(error, 'not_found')) return false;
        throw error;
      }
    },
  };
}

const toInfo = (key: LedgerKey, spentNanoUsd: number): KeyInfo => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  tenant: key.tenant,
  models: key.models === undefined ? null : [...key.models],
  user: key.user ?? null,
  budgets: [...key.budgets],
  limits: key.limits ?? null,
  tags: [...(key.tags ?? [])],
  blocked: key.blocked,
  createdMs: key.createdMs,
  expiresMs: key.expiresMs ?? null,
  lastUsedMs: key.lastUsedMs ?? null,
  revokedMs: key.revokedMs ?? null,
  spentNanoUsd,
});
