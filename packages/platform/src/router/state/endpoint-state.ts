import { EndpointHealth } from '../health/endpoint-health.ts';
import { type CostRates, DEFAULT_COST_RATES } from '../policy/cost-rates.ts';
import { createPrefixIndex, type PrefixIndex } from '../prefix-index/prefix-index.ts';
import { BLOCK_TOKENS } from '../prompt/block-hashes.ts';
import { EndpointWork } from './endpoint-work.ts';
import type { Teach } from './lesson.ts';
import { WarmSessions } from './warm-sessions.ts';

/** What the router itself knows of one endpoint, from its decisions and their outcomes. */
export interface EndpointState {
  readonly endpoint: string;
  /** Made anew when the endpoint says for the first time how much it holds. */
  index: PrefixIndex;
  /** Tokens per block of the index. */
  readonly blockTokens: number;
  readonly health: EndpointHealth;
  readonly work: EndpointWork;
  /** Told of what is learned here. */
  readonly teach: Teach | undefined;
  readonly warm: WarmSessions;
  /** |realised − predicted| time to first token in milliseconds, smoothed. */
  ttftErrorMs: number;
  /** Decisions whose first token was predicted and seen, and over them the sums of both times and of the error. */
  timed: number;
  predictedTtftMs: number;
  realisedTtftMs: number;
  absoluteTtftErrorMs: number;
  /** Realised over predicted time to first token, smoothed; 1 as predicted. */
  slowness: number;
  /** Tokens found in the cache and tokens computed, both fading. */
  foundTokens: number;
  computedTokens: number;
  /** Realised over matched cached tokens, smoothed. */
  trust: number;
  /** Requests that it ran when others last waited in it; undefined before. */
  batch: number | undefined;
  /** Matches in a row that turned out to be empty: the sign of a restarted engine. */
  emptyHits: number;
  decisions: number;
  joined: number;
  expectedTokens: number;
  realisedTokens: number;
  absoluteErrorTokens: number;
  joinedPromptTokens: number;
}

interface EndpointStateOptions {
  readonly blockTokens?: number;
  readonly rates?: CostRates | undefined;
  readonly teach?: Teach | undefined;
}

export function createEndpointState(
  endpoint: string,
  indexBlocks: number,
  { blockTokens = BLOCK_TOKENS, rates = DEFAULT_COST_RATES, teach }: EndpointStateOptions = {},
): EndpointState {
  return {
    endpoint,
    index: createPrefixIndex(indexBlocks),
    blockTokens,
    health: new EndpointHealth(),
    teach,
    work: new EndpointWork(rates, teach),
    warm: new WarmSessions(),
    ttftErrorMs: 0,
    timed: 0,
    predictedTtftMs: 0,
    realisedTtftMs: 0,
    absoluteTtftErrorMs: 0,
    slowness: 1,
    foundTokens: 0,
    computedTokens: 0,
    trust: 1,
    batch: undefined,
    emptyHits: 0,
    decisions: 0,
    joined: 0,
    expectedTokens: 0,
    realisedTokens: 0,
    absoluteErrorTokens: 0,
    joinedPromptTokens: 0,
  };
}
