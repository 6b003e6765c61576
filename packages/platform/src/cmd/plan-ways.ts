import type { Route } from '@maru/api/resources';
import type { CallWishes } from '#gateway';
import { fallbackChain, type ModelChoice, type RecoverySettings, type WalkOptions } from '#router';
import type { PlacementOptions } from './placement-options.ts';

const MAX_WISHED_RETRIES = 10;

interface WaysOfPlan {
  readonly ways: readonly ModelChoice[];
  /** What the route says; the request may wish for other retries. */
  readonly recovery: RecoverySettings;
  readonly route: Route | undefined;
  readonly wishes: CallWishes;
}

/** The ways of a plan, and what a walk along them may ask. */
export class PlanWays implements WalkOptions {
  readonly ways: readonly ModelChoice[];
  readonly settings: RecoverySettings;
  readonly #options: PlacementOptions;
  readonly #of: WaysOfPlan;

  constructor(options: PlacementOptions, of: WaysOfPlan) {
    this.ways = of.ways;
    this.settings = wishedRecovery(of.recovery, of.wishes);
    this.#options = options;
    this.#of = of;
  }

  special(kind: 'context-window' | 'content-policy', from: string): readonly ModelChoice[] {
    const { route, wishes } = this.#of;
    return wishes.disableFallbacks === true ? [] : specialWays(route, { kind, from });
  }

  isLarger(model: string, than: string): boolean {
    const { contextWindow } = this.#options;
    return (contextWindow(model) ?? Number.POSITIVE_INFINITY) > (contextWindow(than) ?? 0);
  }

  random(): number {
    return this.#options.ids.random();
  }
}

const wishedRecovery = (settings: RecoverySettings, { numRetries }: CallWishes): RecoverySettings =>
  typeof numRetries === 'number' ? { ...settings, attempts: Math.min(MAX_WISHED_RETRIES, Math.max(0, Math.trunc(numRetries))), per: {} } : settings;

/** The fallbacks of a route for one kind of failure; what names a route stands for its backends without conditions. */
function specialWays(
  route: Route | undefined,
  { kind, from }: { readonly kind: 'context-window' | 'content-policy'; readonly from: string },
): readonly ModelChoice[] {
  const rules = (route?.spec.fallbacks ?? []).filter((fallback) => fallback.on === kind);
  return fallbackChain([from], rules).map(({ name, of }) => ({
    model: name,
    reason: `fallback of ${of} for ${kind === 'context-window' ? 'long prompts' : 'content policy'}: ${name}`,
    role: 'fallback' as const,
  }));
}
