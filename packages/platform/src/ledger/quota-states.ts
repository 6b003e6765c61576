import { windowAt } from './budget-window.ts';
import { type Quota, shareSpan } from './quota.ts';
import { counts, type QuotaStore } from './quota-store.ts';

/** How a quota stands now, over all processes. */
export interface QuotaState {
  readonly quota: Quota;
  /** Used up in the window of now. */
  readonly used: number;
  /** Held by processes: in use, used but not reported, or free for requests to come. */
  readonly held: number;
  readonly startMs: number;
  /** Null for a quota that never resets, and for one whose window rolls. */
  readonly resetMs: number | null;
}

/** In the order in which the quotas were given. */
export async function readQuotaStates(store: Pick<QuotaStore, 'read'>, quotas: readonly Quota[]): Promise<readonly QuotaState[]> {
  if (quotas.length === 0) return [];
  const { uses, nowMs } = await store.read([...new Set(quotas.map((quota) => quota.id))]);
  return quotas.map((quota) => {
    const { rolling, window } = quota;
    const { startMs, endMs } = window === undefined ? { startMs: 0, endMs: undefined } : windowAt(window, nowMs);
    const share = shareSpan(quota, nowMs);
    const use = uses.get(quota.id);
    const spent = (use?.spent ?? []).filter(([start]) => (rolling === undefined ? start === startMs : counts({ rolling }, start, nowMs)));
    return {
      quota,
      used: spent.reduce((sum, [, amount]) => sum + amount, 0),
      held: use?.held.find(([start]) => start === share.startMs)?.[1] ?? 0,
      // A window that rolls is the one that ends with the step of now, and never resets as a whole.
      startMs: rolling === undefined ? startMs : startMs - (rolling.steps - 1) * rolling.stepMs,
      resetMs: rolling === undefined ? (endMs ?? null) : null,
    };
  });
}
