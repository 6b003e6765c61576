import type { Store } from '#store';

interface SliceRequest {
  readonly budgetId: string;
  readonly windowStartMs: number;
  readonly holder: string;
  readonly capNanoUsd: number;
  /** What the holder has reserved or spent out of its slice and can not give back. */
  readonly usedNanoUsd: number;
  /** Its grant until now. */
  readonly heldNanoUsd: number;
  /** What it needs on top right now. */
  readonly neededNanoUsd: number;
  readonly nowMs: number;
  readonly expiresMs: number;
}

interface SliceGrant {
  /** What the holder may have reserved and spent together, without what is already in the account. */
  readonly grantedNanoUsd: number;
  readonly spentNanoUsd: number;
}

/** SQL of the tables `budget_account` and `budget_slice`: spent + all live slices never exceed the cap by a grant. */
export interface BudgetAccounts {
  /** Sets the holder's slice to what it uses, what it needs and a share of the rest; what can not be had whole does not grow the slice. */
  acquire(request: SliceRequest): Promise<SliceGrant>;
  release(slice: { readonly budgetId: string; readonly windowStartMs: number; readonly holder: string }): Promise<void>;
  /** Gives back everything that a crashed run of the same holder left. */
  releaseAll(holder: string): Promise<void>;
}

// A process takes a sixteenth of what is left beyond its need: few round trips, and little money idle elsewhere.
const SHARE = 16;
const MAX_SHARE_NANO = 1_000_000_000_000_000;

export function createBudgetAccounts(store: Store): BudgetAccounts {
  const { db } = store;
  return {
    acquire: (request) =>
      db.transaction().execute(async (tx) => {
        const { budgetId, windowStartMs, holder } = request;
        // The first statement locks the account on both databases: grants of one budget follow one another.
        const account = await tx
          .insertInto('budget_account')
          .values({ budget_id: budgetId, window_start_ms: windowStartMs, spent_nano: 0 })
          .onConflict((conflict) =>
            conflict.columns(['budget_id', 'window_start_ms']).doUpdateSet((eb) => ({ spent_nano: eb.ref('budget_account.spent_nano') })),
          )
          .returning('spent_nano')
          .executeTakeFirstOrThrow();
        const others = await tx
          .selectFrom('budget_slice')
          .select((eb) => eb.fn.sum<number | null>('granted_nano').as('granted'))
          .where('budget_id', '=', budgetId)
          .where('window_start_ms', '=', windowStartMs)
          .where('holder', '!=', holder)
          .where('expires_ms', '>', request.nowMs)
          .executeTakeFirstOrThrow();
        const grantedNanoUsd = decideGrant(request, request.capNanoUsd - account.spent_nano - (others.granted ?? 0));
        await tx
          .insertInto('budget_slice')
          .values({ budget_id: budgetId, window_start_ms: windowStartMs, holder, granted_nano: grantedNanoUsd, expires_ms: request.expiresMs })
          .onConflict((conflict) =>
            conflict.columns(['budget_id', 'window_start_ms', 'holder']).doUpdateSet({ granted_nano: grantedNanoUsd, expires_ms: request.expiresMs }),
          )
          .execute();
        return { grantedNanoUsd, spentNanoUsd: account.spent_nano };
      }),
    async release(slice) {
      await db
        .deleteFrom('budget_slice')
        .where('budget_id', '=', slice.budgetId)
        .where('window_start_ms', '=', slice.windowStartMs)
        .where('holder', '=', slice.holder)
        .execute();
    },
    async releaseAll(holder) {
      await db.deleteFrom('budget_slice').where('holder', '=', holder).execute();
    },
  };
}

function decideGrant(request: SliceRequest, roomNanoUsd: number): number {
  const must = request.usedNanoUsd + request.neededNanoUsd;
  // What is used already stays granted even when the cap was lowered: it can not be unspent.
  if (must > roomNanoUsd) return Math.max(request.usedNanoUsd, Math.min(request.heldNanoUsd, roomNanoUsd));
  return must + Math.min(MAX_SHARE_NANO, Math.floor((roomNanoUsd - must) / SHARE));
}
