import type { CostRates } from '../policy/cost-rates.ts';
import type { RouterEndpoint } from '../ports.ts';
import { createPrefixIndex } from '../prefix-index/prefix-index.ts';
import { BLOCK_TOKENS } from '../prompt/block-hashes.ts';
import { createEndpointState, type EndpointState } from './endpoint-state.ts';

export interface EndpointStatesOptions {
  /** Blocks of all indexes together. */
  readonly maxBlocks: number;
  readonly maxEndpoints: number;
  /** Tokens per block of the index. */
  readonly blockTokens?: number;
  /** How fast an endpoint is taken to be before it has answered. */
  readonly rates?: CostRates | undefined;
}

/** The states of all endpoints, bounded in number and in memory; the one used longest ago is forgotten first. */
export interface EndpointStates {
  of(endpoint: RouterEndpoint): EndpointState;
  find(endpoint: string): EndpointState | undefined;
  /** Of an endpoint that another router has told of; of unknown size until it is seen here. */
  named(endpoint: string): EndpointState;
  forget(endpoint: string): void;
  all(): readonly EndpointState[];
}

/** Blocks of an endpoint that does not say how much it holds, as in llm-d's approximate index: 2 million tokens. */
const UNKNOWN_BLOCKS = 31_250;
/** Tokens per KV block of an engine that reports blocks only; the default of vLLM. */
const ENGINE_BLOCK_TOKENS = 16;

interface Entry {
  readonly state: EndpointState;
  blocks: number;
  sized: boolean;
  /** Counts up with every use of any of them. */
  usedAt: number;
}

export function createEndpointStates(options: EndpointStatesOptions): EndpointStates {
  const states = new Map<string, Entry>();
  const blockTokens = options.blockTokens ?? BLOCK_TOKENS;
  let blocks = 0;
  let uses = 0;

  const forget = (name: string): void => {
    const entry = states.get(name);
    if (entry === undefined) return;
    blocks -= entry.blocks;
    states.delete(name);
  };

  const forgetOldest = (): void => {
    let oldest: Entry | undefined;
    for (const entry of states.values()) if (oldest === undefined || entry.usedAt < oldest.usedAt) oldest = entry;
    if (oldest !== undefined) forget(oldest.state.endpoint);
  };

  const capacityOf = (endpoint: RouterEndpoint): number | undefined => {
    const reported = endpoint.kvTokens ?? (endpoint.load().kvBlocks ?? 0) * ENGINE_BLOCK_TOKENS;
    return reported > 0 ? Math.min(Math.ceil(reported / blockTokens), options.maxBlocks) : undefined;
  };

  const add = (endpoint: RouterEndpoint): EndpointState => {
    const reported = capacityOf(endpoint);
    const capacity = reported ?? Math.min(UNKNOWN_BLOCKS, options.maxBlocks);
    while (states.size > 0 && (states.size >= options.maxEndpoints || blocks + capacity > options.maxBlocks)) {
      forgetOldest();
    }
    const state = createEndpointState(endpoint.endpoint, capacity, { blockTokens, rates: options.rates });
    uses += 1;
    states.set(endpoint.endpoint, { state, blocks: capacity, sized: reported !== undefined, usedAt: uses });
    blocks += capacity;
    return state;
  };

  /** A real engine tells its size only with its first metrics. */
  const sizeNow = (endpoint: RouterEndpoint, entry: Entry): void => {
    const capacity = capacityOf(endpoint);
    if (capacity === undefined) return;
    entry.sized = true;
    blocks += capacity - entry.blocks;
    entry.blocks = capacity;
    const { index } = entry.state;
    entry.state.index = createPrefixIndex(capacity);
    entry.state.index.insert(index.newest(capacity));
    while (blocks > options.maxBlocks && states.size > 1) forgetOldest();
  };

  return {
    of: (endpoint) => {
      const entry = states.get(endpoint.endpoint);
      if (entry === undefined) return add(endpoint);
      uses += 1;
      entry.usedAt = uses;
      if (!entry.sized) sizeNow(endpoint, entry);
      return entry.state;
    },
    named: (name) => states.get(name)?.state ?? add({ endpoint: name, load: () => ({ running: 0, waiting: 0 }) }),
    find: (name) => states.get(name)?.state,
    forget,
    all: () => [...states.values()].map((entry) => entry.state),
  };
}
