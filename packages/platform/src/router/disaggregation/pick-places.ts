import { isPlatformError } from '@maru/api/errors';
import type { RouterEndpoint } from '../ports.ts';
import type { Picked, PickRequest, Router } from '../router.ts';
import { decidePrefill, type PrefillRules } from './decide-prefill.ts';

/** An endpoint that may be meant for a part of requests only. */
export interface RoleEndpoint extends RouterEndpoint {
  /** Absent where it is meant for whole requests. */
  readonly role?: 'prefill' | 'decode' | undefined;
}

/** Where a request goes: to one endpoint, or its prompt to another one first. */
export interface Places<E extends RoleEndpoint> {
  readonly decode: Picked<E>;
  /** Absent where the decode endpoint computes the prompt. */
  readonly prefill?: Picked<E>;
}

/** Whether some of the endpoints compute prompts for others. */
export const isDisaggregated = (endpoints: readonly RoleEndpoint[]): boolean => endpoints.some(({ role }) => role === 'prefill');

/** Endpoints that may answer a request: prefill endpoints only where nothing else is left, for they can decode too. */
export function decodeEndpoints<E extends RoleEndpoint>(endpoints: readonly E[]): readonly E[] {
  if (!isDisaggregated(endpoints)) return endpoints;
  const decoders = endpoints.filter(({ role }) => role !== 'prefill');
  return decoders.length === 0 ? endpoints : decoders;
}

/**
 * Picks a decode endpoint and, where the prompt is worth it, a prefill endpoint; each pick must be followed by one `observe`. A prefill
 * endpoint that can not be picked leaves the prompt where the answer is made. Throws what `pickEndpoint` throws for the decode endpoint.
 */
export function pickPlaces<E extends RoleEndpoint>(
  router: Pick<Router, 'pickEndpoint' | 'prefills' | 'observe'>,
  request: PickRequest,
  { endpoints, rules }: { readonly endpoints: readonly E[]; readonly rules: PrefillRules },
): Places<E> {
  const decoders = decodeEndpoints(endpoints);
  const prefillers = endpoints.filter((endpoint) => endpoint.role === 'prefill' && !decoders.includes(endpoint));
  const prefillFirst = rules.profile === 'prefill-first';
  const decode = router.pickEndpoint({ ...request, ...(prefillFirst ? { policy: 'least-request' } : {}), weighsPrompt: true }, decoders);
  const { promptTokens, expectedCachedTokens } = decode.decision;
  const { remote, reason } = decidePrefill(rules, { promptTokens, cachedTokens: expectedCachedTokens, leastQueued: leastQueued(prefillers) });
  const prefill = remote ? pickPrefill(router, { ...request, reason: `prefill for ${decode.endpoint.endpoint}` }, prefillers) : undefined;
  if (prefill === undefined) {
    const why = remote ? `prefill in place: no prefill replica can be taken; ${reason}` : reason;
    router.prefills(decode.decision.id, { reason: why });
    return { decode };
  }
  const { endpoint } = prefill.endpoint;
  router.prefills(decode.decision.id, { endpoint, decision: prefill.decision.id, reason: `prefill at ${endpoint}: ${reason}` });
  return { decode, prefill };
}

function pickPrefill<E extends RoleEndpoint>(router: Pick<Router, 'pickEndpoint'>, request: PickRequest, prefillers: readonly E[]): Picked<E> | undefined {
  try {
    return router.pickEndpoint({ ...request, tried: [], prefer: undefined, onlyInTime: false, tellsFirstToken: true, promptOnly: true }, prefillers);
  } catch (error) {
    if (isPlatformError(error, 'no_endpoint')) return undefined;
    throw error;
  }
}

function leastQueued(endpoints: readonly RoleEndpoint[]): number | undefined {
  if (endpoints.length === 0) return undefined;
  return Math.min(
    ...endpoints.map((endpoint) => {
      const { running, waiting } = endpoint.load();
      return Math.max(0, running) + Math.max(0, waiting);
    }),
  );
}
