import type { Usage } from '@maru/api/records';
import { promptTokens } from '@maru/api/records';
import { classifyFailure, type Decision, type Router } from '#router';
import type { Clock } from '#time';
import type { Chooser } from '../choose/choose-endpoint.ts';
import type { PickQueue } from '../choose/pick-queue.ts';
import type { RequestHead } from '../choose/request-head.ts';
import type { PickTally } from '../pick-stats.ts';
import type { Pool } from '../ports.ts';
import type { ReadPrompt } from '../request/read-prompt.ts';

export interface BookingDeps {
  readonly router: Router;
  readonly chooser: Chooser;
  readonly pool: Pool;
  readonly clock: Clock;
  readonly tally: PickTally;
  readonly queue: PickQueue | undefined;
}

export interface Booked {
  readonly head: RequestHead;
  readonly prompt: ReadPrompt;
  readonly decision: Decision;
  readonly address: string;
}

/** One request that counts as load on one endpoint, until it has ended in one of three ways. What is told after the end has no effect. */
export interface Booking {
  /** The gateway has sent it to this address in place of the chosen one. */
  served(address: string): void;
  firstToken(): void;
  completed(answer: { readonly usage: Usage | undefined; readonly streamed: boolean }): void;
  /** The answer has this status; undefined where no answer came. */
  failed(status: number | undefined): void;
  cancelled(): void;
}

/** Keeps the router's books for one request. */
export function bookRequest(deps: BookingDeps, booked: Booked): Booking {
  const { router, pool, clock } = deps;
  const { prompt } = booked;
  let { decision, address } = booked;
  const startMs = clock.monotonicMs();
  let firstMs: number | undefined;
  let open = true;
  pool.begin(address);

  const leave = (usage?: Usage): boolean => {
    if (!open) return false;
    open = false;
    pool.end(address, { facts: prompt.facts, bytes: prompt.promptBytes, tokens: usage === undefined ? undefined : promptTokens(usage) });
    return true;
  };

  return {
    served(other) {
      if (!open || other === address) return;
      leave();
      deps.tally.moved();
      router.observe(decision.id, { outcome: 'error', failure: 'connection' });
      const moved = deps.chooser.moveTo(other, { head: booked.head, prompt, failed: address });
      if (moved === undefined) return;
      decision = moved;
      address = other;
      open = true;
      pool.begin(address);
    },
    firstToken() {
      if (!open || firstMs !== undefined) return;
      firstMs = clock.monotonicMs();
      router.firstToken(decision.id);
      deps.queue?.freed();
    },
    completed({ usage, streamed }) {
      if (!leave(usage)) return;
      router.observe(decision.id, {
        outcome: 'ok',
        realisedCachedTokens: usage?.cacheReadTokens,
        outputTokens: usage?.outputTokens,
        // Of an answer in one piece the first token is not seen.
        ttftMs: streamed && firstMs !== undefined ? firstMs - startMs : undefined,
        durationMs: clock.monotonicMs() - startMs,
      });
      deps.queue?.freed();
    },
    failed(status) {
      if (!leave()) return;
      const failure = classifyFailure({ code: status === undefined ? 'upstream_unreachable' : 'upstream_rejected', status });
      router.observe(decision.id, { outcome: 'error', failure });
      deps.queue?.freed();
    },
    cancelled() {
      if (!leave()) return;
      router.observe(decision.id, { outcome: 'cancelled' });
      deps.queue?.freed();
    },
  };
}
