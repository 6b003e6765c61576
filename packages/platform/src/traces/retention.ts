import type { Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Timer } from '#time';
import { toUs } from './settle/microseconds.ts';

const SWEEP_EVERY_MS = 10 * 60_000;
const TRACES_PER_STEP = 200;

export interface RetentionDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly retentionMs: number;
}

/** Owns the loop that deletes traces past their age, in small steps so that writers are never held up for long. */
export class Retention {
  readonly #deps: RetentionDeps;
  #timer: Timer | undefined;
  #working: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
    if (Number.isFinite(deps.retentionMs)) this.#schedule();
  }

  /** Deletes everything that began before the retention; returns how many traces went. */
  async sweep(): Promise<number> {
    const beforeMs = this.#deps.clock.nowMs() - this.#deps.retentionMs;
    if (!Number.isFinite(beforeMs)) return 0;
    let deleted = 0;
    for (;;) {
      const count = this.#closed ? 0 : await deleteStep(this.#deps.store, toUs(beforeMs));
      if (count === 0) break;
      deleted += count;
    }
    await this.#deps.store.db.deleteFrom('score').where('trace_id', 'is', null).where('at_ms', '<', Math.floor(beforeMs)).execute();
    return deleted;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#working;
  }

  #schedule(): void {
    this.#timer = this.#deps.clock.schedule(SWEEP_EVERY_MS, () => {
      this.#working = this.sweep()
        .then((traces) => (traces > 0 ? this.#deps.log.info({ traces }, 'old traces deleted') : undefined))
        .catch((error: unknown) => this.#deps.log.warn({ err: error }, 'old traces could not be deleted; trying again later'))
        .finally(() => (this.#closed ? undefined : this.#schedule()));
    });
  }
}

function deleteStep(store: Store, beforeUs: number): Promise<number> {
  return store.db.transaction().execute(async (db) => {
    const old = await db
      .selectFrom('trace')
      .select(['tenant', 'trace_id'])
      .where('start_us', '<', beforeUs)
      .orderBy('start_us')
      .limit(TRACES_PER_STEP)
      .execute();
    for (const [tenant, traceIds] of byTenant(old)) {
      await db.deleteFrom('span').where('tenant', '=', tenant).where('trace_id', 'in', traceIds).execute();
      await db.deleteFrom('score').where('tenant', '=', tenant).where('trace_id', 'in', traceIds).execute();
      await db.deleteFrom('trace').where('tenant', '=', tenant).where('trace_id', 'in', traceIds).execute();
    }
    return old.length;
  });
}

function byTenant(rows: readonly { tenant: string; trace_id: string }[]): ReadonlyMap<string, string[]> {
  const tenants = new Map<string, string[]>();
  for (const row of rows) tenants.set(row.tenant, [...(tenants.get(row.tenant) ?? []), row.trace_id]);
  return tenants;
}
