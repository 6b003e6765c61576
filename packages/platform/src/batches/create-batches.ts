import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { createLeases, type Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import type { BatchLimits } from './batch-context.ts';
import { BATCH_ENDPOINTS, type BatchInfo } from './batch-info.ts';
import { BatchRunner } from './batch-runner.ts';
import { createBatchStore } from './batch-store.ts';
import type { Files } from './files.ts';
import type { BatchPorts } from './ports.ts';
import { createPartStore } from './remote/part-store.ts';

export interface BatchesOptions {
  readonly store: Store;
  readonly files: Files;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly ports: BatchPorts;
  readonly limits?: Partial<BatchLimits>;
  /** Name of this process among those that share the database. */
  readonly holder: string;
}

/** Batches of tenants. Where a tenant is asked for, nobody else's batch is seen; undefined stands for all of them, and only for the operator. */
export interface Batches {
  /** Accepts a batch; throws `invalid_request` and `not_found` (its file). From then on it survives a crash. */
  create(owner: { readonly tenant: string; readonly keyId: string }, request: unknown): Promise<BatchInfo>;
  /** Throws `not_found`. */
  get(tenant: string, id: string): Promise<BatchInfo>;
  /** Newest first. */
  list(
    tenant: string | undefined,
    query: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<{ readonly batches: readonly BatchInfo[]; readonly more: boolean }>;
  /** No further line starts; what has been answered stays. Throws `not_found`, and `conflict` for a batch that is over. */
  cancel(tenant: string | undefined, id: string): Promise<BatchInfo>;
  /** Begins to run batches, also those of an earlier process. */
  start(): void;
  /** Stops; lines that run are broken off and run again after the next start. */
  close(): Promise<void>;
}

const DEFAULTS: BatchLimits = {
  maxLines: 50_000,
  maxLineBytes: 16 * 1024 * 1024,
  maxParallel: 16,
  maxTries: 5,
  windowMs: 24 * 3_600_000,
  outputTtlMs: 30 * 86_400_000,
  lookMs: 60_000,
};

const requestSchema = z.object({
  input_file_id: z.string().min(1),
  endpoint: z.enum(BATCH_ENDPOINTS),
  completion_window: z.literal('24h'),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((metadata) => Object.keys(metadata).length <= 16, 'can not have more than 16 fields')
    .nullish(),
});

export function createBatches(options: BatchesOptions): Batches {
  const { store, files, clock, ids, log, ports, holder } = options;
  const limits = { ...DEFAULTS, ...options.limits };
  const batches = createBatchStore(store);
  // The token of a part stands in ids at providers, where only letters, digits, `_` and `-` may.
  const parts = createPartStore(store, () => ids.next('bpart').replace(/[^A-Za-z0-9_]/g, '_'));
  const runner = new BatchRunner({ batches, parts, files, ports, clock, ids, log, limits, leases: createLeases(store, clock), holder });

  return {
    async create({ tenant, keyId }, request) {
      const parsed = requestSchema.safeParse(request);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        const param = issue?.path.join('.') ?? '';
        throw new PlatformError('invalid_request', { message: `"${param}": ${issue?.message ?? 'is not valid'}`, details: { param } });
      }
      const { input_file_id: inputFileId, endpoint, metadata } = parsed.data;
      const file = await files.get(tenant, inputFileId);
      if (file.purpose !== 'batch')
        throw new PlatformError('invalid_request', {
          message: `the file "${file.id}" has the purpose "${file.purpose}"; upload it with "batch"`,
          details: { param: 'input_file_id' },
        });
      const createdMs = clock.nowMs();
      const id = ids.next('batch');
      await batches.insert({
        id,
        tenant,
        keyId,
        endpoint,
        inputFileId,
        state: 'validating',
        metadata: metadata ?? null,
        problems: [],
        outputFileId: null,
        errorFileId: null,
        total: 0,
        createdMs,
        inProgressMs: null,
        expiresMs: createdMs + limits.windowMs,
        finalizingMs: null,
        cancellingMs: null,
        endedMs: null,
      });
      runner.wake();
      return batches.get(id, tenant);
    },
    get: (tenant, id) => batches.get(id, tenant),
    list: (tenant, query) => batches.list(tenant, query),
    async cancel(tenant, id) {
      const batch = await batches.get(id, tenant);
      const moved = await batches.move(id, ['validating', 'in_progress'], { state: 'cancelling', cancellingMs: clock.nowMs() });
      if (!moved && batch.state !== 'cancelling') throw new PlatformError('conflict', { message: `the batch is ${batch.state} and can not be cancelled` });
      runner.wake();
      return batches.get(id, tenant);
    },
    start: () => runner.wake(),
    close: () => runner.close(),
  };
}
