import { join } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import { type Batches, type BatchPorts, createBatches, createFiles, type Files } from '#batches';
import type { Gateway, Principal } from '#gateway';
import type { Ledger } from '#ledger';
import type { Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';

export interface StoredOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ledger: Ledger;
  readonly gateway: () => Gateway;
  /** Calls that the platform answers now. */
  readonly busy: () => number;
  readonly dataDir: string;
}

/** Calls at once up to which lines of batches may join: below it the platform has capacity to spare. */
const BUSY_CALLS = 16;
const MAX_LINES_AT_ONCE = 8;
const SWEEP_MS = 3_600_000;

const OPERATIONS = { '/v1/chat/completions': 'chat', '/v1/completions': 'completions', '/v1/embeddings': 'embeddings' } as const;

/** Files and batches of the platform, in its data folder; nothing runs before `batches.start()`. */
export function openStored(options: StoredOptions): { readonly files: Files; readonly batches: Batches; close(): Promise<void> } {
  const { store, clock, ids, log } = options;
  const files = createFiles({ store, clock, ids, folder: join(options.dataDir, 'files') });
  // On SQLite there is no other process: after a crash nobody waits for the lease to run out.
  const holder = store.dialect === 'sqlite' ? 'local' : ids.next('process');
  const batches = createBatches({ store, files, clock, ids, log, ports: batchPorts(options), limits: { maxParallel: MAX_LINES_AT_ONCE }, holder });
  const sweep = (): void => {
    void files.sweep().catch((error: unknown) => log.warn({ code: (error as { code?: unknown }).code }, 'expired files could not be removed'));
    timer = clock.schedule(SWEEP_MS, sweep);
  };
  let timer = clock.schedule(SWEEP_MS, sweep);
  return {
    files,
    batches,
    close: async () => {
      timer.cancel();
      await batches.close();
    },
  };
}

function batchPorts({ ledger, gateway, busy }: StoredOptions): BatchPorts {
  return {
    spare: () => BUSY_CALLS - busy(),
    invoke: async ({ tenant, keyId, endpoint, body }, signal) => {
      const operation = OPERATIONS[endpoint as keyof typeof OPERATIONS];
      const principal = await principalOf(ledger, { tenant, keyId });
      const reply = await gateway().invoke({ operation, body, principal, payee: { batch: true }, signal });
      const chunks: Buffer[] = [];
      for await (const chunk of reply.body) chunks.push(chunk);
      return { status: reply.status, requestId: reply.headers['x-request-id'] ?? '', body: Buffer.concat(chunks).toString('utf8') };
    },
  };
}

/** The key that made the batch, as it is now: one that was revoked or has lost a model since then stops its batch. Throws `key_revoked`. */
async function principalOf(ledger: Ledger, { tenant, keyId }: { readonly tenant: string; readonly keyId: string }): Promise<Principal> {
  const info = await ledger.getKey(keyId);
  // The administrator and people at the console have no stored key.
  if (info === undefined) return { tenant, keyId };
  if (info.revokedMs !== undefined || info.blocked) throw new PlatformError('key_revoked', { message: 'the key that made the batch was revoked' });
  const known = await ledger.principalOf(keyId);
  return {
    tenant,
    keyId,
    ...(known === undefined ? {} : { allows: (name: string) => ledger.allowsModel(known, name) }),
    ...(info.tags === undefined ? {} : { tags: info.tags }),
  };
}
