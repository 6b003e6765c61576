import { createRouter, type FlowSettings } from '#router';
import type { Clock, Ids } from '#time';
import type { Slo } from '../report/result.ts';
import type { Placement } from './placement.ts';

export interface RouterPlacementOptions {
  readonly policy: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly blockTokens: number;
  readonly indexBlocks: number;
  /** What the route promises; policies that know it try to keep it. */
  readonly slo?: Slo | undefined;
  /** When a replica is full, where the gateway controls the flow. */
  readonly saturation?: FlowSettings['saturation'] | undefined;
}

/** The router that also decides online, with one of its policies. */
export function createRouterPlacement(options: RouterPlacementOptions): Placement {
  const { clock, ids, policy, blockTokens, slo, saturation } = options;
  const router = createRouter({ clock, ids, keepDecisions: 1, maxIndexBlocks: options.indexBlocks, blockTokens });
  let number = 0;
  return {
    forget: (endpoint) => router.forget(endpoint),
    hasRoom: (endpoints, saturation) => router.hasRoom(endpoints, saturation),
    place: (request, facts, endpoints) => {
      number += 1;
      const { endpoint, decision } = router.pickEndpoint(
        {
          requestId: `r${number}`,
          traceId: '',
          route: 'trace',
          model: 'trace',
          policy,
          facts,
          session: request.session,
          slo,
          saturation,
          tellsFirstToken: true,
        },
        endpoints,
      );
      return {
        endpoint,
        expectedTokens: decision.expectedCachedTokens,
        firstToken: () => router.firstToken(decision.id),
        failed: () => void router.observe(decision.id, { outcome: 'error', realisedCachedTokens: undefined, ttftMs: undefined, outputTokens: undefined }),
        ended: ({ cachedTokens, ttftMs, outputTokens }) =>
          void router.observe(decision.id, { outcome: 'ok', realisedCachedTokens: cachedTokens, ttftMs, outputTokens }),
      };
    },
  };
}
