import { EndpointHealth } from '../health/endpoint-health.ts';
import { createPrefixIndex, type PrefixIndex } from '../prefix-index/prefix-index.ts';

/** What the router itself knows of one endpoint, from its decisions and their outcomes. */
export interface EndpointState {
  readonly endpoint: string;
  /** Made anew when the endpoint says for the first time how much it holds. */
  index: PrefixIndex;
  readonly health: EndpointHealth;
  /** Decisions that have not ended. */
  inFlight: number;
  /** Prompt tokens of the decisions that have not ended. */
  contextTokens: number;
  /** When the prompts that were sent there are probably computed. */
  busyUntilMs: number;
  /** Realised over predicted time to first token, smoothed. */
  slowness: number;
  /** Realised over matched cached tokens, smoothed. */
  trust: number;
  /** Matches in a row that turned out to be empty: the sign of a restarted engine. */
  emptyHits: number;
  decisions: number;
  joined: number;
  expectedTokens: number;
  realisedTokens: number;
  absoluteErrorTokens: number;
  joinedPromptTokens: number;
}

export function createEndpointState(endpoint: string, indexBlocks: number): EndpointState {
  return {
    endpoint,
    index: createPrefixIndex(indexBlocks),
    health: new EndpointHealth(),
    inFlight: 0,
    contextTokens: 0,
    busyUntilMs: 0,
    slowness: 1,
    trust: 1,
    emptyHits: 0,
    decisions: 0,
    joined: 0,
    expectedTokens: 0,
    realisedTokens: 0,
    absoluteErrorTokens: 0,
    joinedPromptTokens: 0,
  };
}
