import type { Usage } from '@maru/api/records';
import type { Agent } from '@maru/api/resources';
import type { Engine } from '#engines';
import type { Principal, RequestFacts } from '#gateway';
import type { Registry } from '#resources';
import type { FlowControl, Router } from '#router';
import type { Clock, Ids } from '#time';
import type { MarkPrompt } from '#traces';
import type { EndpointCounters } from './endpoint-counters.ts';
import type { EndpointFleets } from './endpoint-fleets.ts';
import type { EnginePool } from './engine-pool.ts';

export interface PlacementOptions {
  readonly registry: Registry;
  readonly pool: EnginePool;
  readonly router: Router;
  readonly ids: Ids;
  readonly clock: Clock;
  readonly counters: EndpointCounters;
  readonly fleets: Pick<EndpointFleets, 'prepare' | 'sent' | 'answered' | 'fleetOf'>;
  /** Queues in front of models whose replicas are full. */
  readonly flow: FlowControl;
  /** An agent as an engine, for one caller. */
  readonly agentEngine: (agent: Agent, facts: RequestFacts) => Engine;
  /** Tokens of a model's context; undefined where nobody knows. */
  readonly contextWindow: (model: string) => number | undefined;
  /** What a model would cost; null where no price is known. */
  readonly costNanoUsd: (model: string, usage: Usage) => number | null;
  /** Tells in traces which prompts begin alike; absent where that is switched off. */
  readonly markPrompt?: MarkPrompt | undefined;
  /** Whether a key may use a public name. */
  readonly allows: (principal: Principal, model: string) => boolean;
}
