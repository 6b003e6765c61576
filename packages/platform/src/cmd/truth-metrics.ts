import type { EndpointFleet } from '#endpoints';
import type { Calibration } from '#router';
import { endpointName } from './endpoint-fleets.ts';
import type { MetricFamily } from './metric-family.ts';

interface Truth {
  readonly calibration: readonly Calibration[];
  readonly peers: number;
  readonly fleets: readonly Pick<EndpointFleet, 'spec' | 'degradations'>[];
}

/** How right the router was, per endpoint, and what it does not know. */
export function truthMetrics({ calibration, peers, fleets }: Truth): readonly MetricFamily[] {
  const counter = (name: string, help: string, value: (entry: Calibration) => number): MetricFamily => ({
    name: `maru_router_${name}_total`,
    help,
    type: 'counter',
    samples: calibration.map((entry) => ({ labels: { endpoint: entry.endpoint }, value: value(entry) })),
  });
  return [
    counter('expected_cached_tokens', 'Prompt tokens that the router expected in the prefix cache.', (entry) => entry.expectedCachedTokens),
    counter('realised_cached_tokens', 'Prompt tokens that the prefix cache held.', (entry) => entry.realisedCachedTokens),
    counter('cached_tokens_error', 'Sum of the differences between the two, request by request.', (entry) => entry.absoluteHitErrorTokens),
    counter('joined_prompt_tokens', 'Prompt tokens of the requests that these three count.', (entry) => entry.joinedPromptTokens),
    counter('predicted_ttft_ms', 'Times to first token that were predicted, in milliseconds.', (entry) => entry.predictedTtftMs),
    counter('realised_ttft_ms', 'Times to first token that were seen, in milliseconds.', (entry) => entry.realisedTtftMs),
    counter('ttft_error_ms', 'Sum of the differences between the two, request by request.', (entry) => entry.absoluteTtftErrorMs),
    counter('timed_requests', 'Requests that these three count.', (entry) => entry.timed),
    { name: 'maru_router_peers', help: 'Other routers that this one hears.', type: 'gauge', over: 'max', samples: [{ value: peers }] },
    {
      name: 'maru_router_endpoint_resting',
      help: '1 while an endpoint rests after failures.',
      type: 'gauge',
      over: 'max',
      samples: calibration.map((entry) => ({ labels: { endpoint: entry.endpoint }, value: entry.coolingDown ? 1 : 0 })),
    },
    {
      name: 'maru_endpoint_degraded',
      help: '1 while less is known of an endpoint than should be, by name.',
      type: 'gauge',
      over: 'max',
      samples: fleets.flatMap(({ spec: { model }, degradations }) =>
        degradations().map(({ name, endpoint }) => ({
          labels: { model, endpoint: endpoint === model ? model : endpointName(model, endpoint), name },
          value: 1,
        })),
      ),
    },
  ];
}
