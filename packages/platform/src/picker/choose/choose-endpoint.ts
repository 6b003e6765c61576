import { PlatformError } from '@maru/api/errors';
import type { Decision, FlowRequest, Router } from '#router';
import type { Clock, Ids } from '#time';
import type { Objectives, Pool, PoolEndpoint } from '../ports.ts';
import type { ReadPrompt } from '../request/read-prompt.ts';
import type { PickQueue } from './pick-queue.ts';
import type { RequestHead } from './request-head.ts';
import { type SaturationLimits, saturationOf } from './saturation.ts';

export interface ChooserOptions {
  readonly pool: Pool;
  readonly router: Router;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly objectives: Objectives;
  /** Name of the router's policy. */
  readonly policy: string;
  /** Addresses that a proxy is given, the chosen one included. */
  readonly maxEndpoints: number;
  readonly saturation: SaturationLimits;
  /** Where requests wait while all endpoints are full; without it only those of a priority below 0 are shed. */
  readonly queue: PickQueue | undefined;
}

/** The answer that is expected where the request names no limit. */
const USUAL_ANSWER_TOKENS = 512;

interface Chosen {
  /** The chosen address first, then where to go when it fails. */
  readonly order: readonly string[];
  readonly decision: Decision;
}

export interface Chooser {
  /** Throws `rate_limited` for a request that is shed and `no_endpoint` where nothing can take it; what is chosen counts as load at once. */
  choose(head: RequestHead, prompt: ReadPrompt, queuedMs?: number): Chosen;
  /** How the request stands in a queue. */
  waiter(head: RequestHead, prompt: ReadPrompt, bytes: number): FlowRequest;
  /** Books a request on the endpoint that served it in place of the chosen one; undefined where that is not one of ours. */
  moveTo(address: string, request: { readonly head: RequestHead; readonly prompt: ReadPrompt; readonly failed: string }): Decision | undefined;
}

/** Chooses among the endpoints of a pool with a policy of the router. */
export function createChooser(options: ChooserOptions): Chooser {
  const { pool, router, ids } = options;

  const pick = (
    endpoints: readonly PoolEndpoint[],
    {
      head,
      prompt,
      reason,
      queuedMs,
    }: { readonly head: RequestHead; readonly prompt: ReadPrompt; readonly reason?: string; readonly queuedMs?: number | undefined },
  ) =>
    router.pickEndpoint(
      {
        requestId: head.requestId ?? ids.next('req'),
        traceId: '',
        route: prompt.model === '' ? pool.model : prompt.model,
        model: pool.model,
        policy: options.policy,
        facts: prompt.facts,
        session: head.session,
        slo: head.slo,
        adapter: prompt.model === '' || prompt.model === pool.model ? undefined : prompt.model,
        priority: priorityOf(head),
        tellsFirstToken: true,
        queuedMs,
        saturation: options.queue?.settings.saturation,
        ...(reason === undefined ? {} : { reason }),
      },
      endpoints,
    );

  const priorityOf = (head: RequestHead): number => (head.objective === undefined ? 0 : (options.objectives.priorityOf(head.objective) ?? 0));

  return {
    choose(head, prompt, queuedMs) {
      const all = pool.endpoints();
      const { subset } = head;
      const endpoints = subset === undefined ? all : all.filter(({ address }) => subset.includes(address));
      if (endpoints.length === 0) throw nothingReady(pool.model, all.length);
      const priority = priorityOf(head);
      if (options.queue === undefined && priority < 0 && saturationOf(endpoints, options.saturation) >= 1)
        throw new PlatformError('rate_limited', {
          message: `the replicas of "${pool.model}" are full, and requests of priority ${priority} wait for spare capacity; send it again later`,
          retryAfterS: 1,
          details: { reason: 'saturated', priority },
        });
      const { endpoint, decision } = pick(endpoints, { head, prompt, queuedMs });
      return { order: [endpoint.address, ...fallbacks(endpoints, decision, options.maxEndpoints - 1)], decision };
    },
    waiter: (head, prompt, bytes) => ({
      priority: priorityOf(head),
      tenant: head.fairness ?? '',
      program: head.session ?? '',
      costTokens: prompt.facts.promptTokens + Math.min(USUAL_ANSWER_TOKENS, prompt.facts.maxTokens ?? USUAL_ANSWER_TOKENS),
      bytes,
      deadlineMs: head.slo?.ttftMs === undefined ? undefined : options.clock.monotonicMs() + head.slo.ttftMs,
    }),
    moveTo(address, { head, prompt, failed }) {
      const served = pool.endpoints().find((endpoint) => endpoint.address === address);
      return served === undefined ? undefined : pick([served], { head, prompt, reason: `the gateway went on from ${failed}` }).decision;
    },
  };
}

/** The other endpoints, best first: those that were scored, in the order of their scores. */
function fallbacks(endpoints: readonly PoolEndpoint[], decision: Decision, most: number): readonly string[] {
  if (most <= 0) return [];
  const addressOf = new Map(endpoints.map(({ endpoint, address }) => [endpoint, address]));
  return decision.candidates
    .filter(({ endpoint, removedBy }) => endpoint !== decision.chosen && removedBy === undefined)
    .sort((left, right) => right.total - left.total)
    .slice(0, most)
    .flatMap(({ endpoint }) => addressOf.get(endpoint) ?? []);
}

const nothingReady = (model: string, others: number): PlatformError =>
  new PlatformError('no_endpoint', {
    message:
      others === 0
        ? `no replica of "${model}" is ready; wait for one, or look at the endpoints of the picker`
        : `none of the ${others} ready replicas of "${model}" is among those that the gateway allows for this request`,
    retryAfterS: 1,
  });
