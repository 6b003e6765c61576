import type { CostRates } from '../policy/cost-rates.ts';
import type { RouterEndpoint } from '../ports.ts';
import { createPrefixIndex } from '../prefix-index/prefix-index.ts';
import { BLOCK_TOKENS } from '../prompt/block-hashes.ts';
import { createEndpointState, type EndpointState } from './endpoint-state.ts';
import type { Lesson, Teach } from './lesson.ts';

export interface EndpointStatesOptions {
  /** Blocks of all indexes together; looked at now and then. */
  readonly maxBlocks: number;
  readonly maxEndpoints: number;
  /** Tokens per block of the index. */
  readonly blockTokens?: number;
  /** How fast an endpoint is taken to be before it has answered. */
  readonly rates?: CostRates | undefined;
  /** Told of what this router learns of an endpoint. */
  readonly onLesson?: ((endpoint: string, lesson: Lesson) => void) | undefined;
}

/**
 * The states of all endpoints. Beyond their number the one used longest ago is forgotten; beyond the memory of their indexes each keeps
 * the newest of its blocks, up to an equal share, and everything else that was learned of it.
 */
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

/** Uses between two looks at the memory. */
const LOOK_EVERY = 256;

interface Entry {
  readonly state: EndpointState;
  sized: boolean;
  /** Its index is smaller than its cache, because others need the memory. */
  isCut: boolean;
  /** Counts up with every use of any of them. */
  usedAt: number;
}

export function createEndpointStates(options: EndpointStatesOptions): EndpointStates {
  const states = new Map<string, Entry>();
  const blockTokens = options.blockTokens ?? BLOCK_TOKENS;
  let uses = 0;

  const forget = (name: string): void => {
    if (!states.delete(name)) return;
    // The others may have more.
    for (const entry of states.values()) if (entry.isCut) entry.sized = false;
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
    while (states.size > 0 && states.size >= options.maxEndpoints) forgetOldest();
    const { onLesson, rates } = options;
    const teach: Teach | undefined = onLesson === undefined ? undefined : (lesson) => onLesson(endpoint.endpoint, lesson);
    const state = createEndpointState(endpoint.endpoint, capacity, { blockTokens, rates, teach });
    states.set(endpoint.endpoint, { state, sized: reported !== undefined, isCut: false, usedAt: use() });
    return state;
  };

  /** A real engine tells its size only with its first metrics. */
  const sizeNow = (endpoint: RouterEndpoint, entry: Entry): void => {
    const capacity = capacityOf(endpoint);
    if (capacity === undefined) return;
    entry.sized = true;
    entry.isCut = false;
    resize(entry, capacity);
  };

  const resize = ({ state }: Entry, capacity: number): void => {
    const { index } = state;
    state.index = createPrefixIndex(capacity);
    state.index.insert(index.newest(capacity));
  };

  const use = (): number => {
    uses += 1;
    if (uses % LOOK_EVERY === 0) keepWithin();
    return uses;
  };

  const keepWithin = (): void => {
    let held = 0;
    for (const { state } of states.values()) held += state.index.size;
    if (held <= options.maxBlocks) return;
    const share = Math.max(1, Math.floor(options.maxBlocks / states.size));
    for (const entry of states.values()) {
      if (entry.state.index.size <= share) continue;
      entry.isCut = true;
      resize(entry, share);
    }
  };

  return {
    of: (endpoint) => {
      const entry = states.get(endpoint.endpoint);
      if (entry === undefined) return add(endpoint);
      entry.usedAt = use();
      if (!entry.sized) sizeNow(endpoint, entry);
      return entry.state;
    },
    named: (name) => states.get(name)?.state ?? add({ endpoint: name, load: () => ({ running: 0, waiting: 0 }) }),
    find: (name) => states.get(name)?.state,
    forget,
    all: () => [...states.values()].map((entry) => entry.state),
  };
}
