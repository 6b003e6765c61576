import { PlatformError } from '@maru/api/errors';
import type { Batches } from '#batches';
import type { BatchControlPorts } from '#control';

/** What the operator sees of batches: how they go, not what stands in them. A process without files has none. */
export const batchControlPorts = (batches: Batches | undefined): BatchControlPorts => ({
  async list({ tenant, cursor, limit }) {
    if (batches === undefined) return { items: [], nextCursor: null };
    const page = await batches.list(tenant, { after: cursor, limit });
    return {
      items: page.batches.map((batch) => ({
        id: batch.id,
        tenant: batch.tenant,
        keyId: batch.keyId,
        endpoint: batch.endpoint,
        state: batch.state,
        problem: batch.problems[0]?.message ?? null,
        lines: { total: batch.total, completed: batch.completed, failed: batch.failed },
        outputFileId: batch.outputFileId,
        errorFileId: batch.errorFileId,
        createdMs: batch.createdMs,
        endedMs: batch.endedMs,
      })),
      nextCursor: page.more ? (page.batches.at(-1)?.id ?? null) : null,
    };
  },
  async cancel(id) {
    if (batches === undefined) throw new PlatformError('not_found', { message: `there is no batch "${id.slice(0, 120)}"` });
    await batches.cancel(undefined, id);
  },
});
