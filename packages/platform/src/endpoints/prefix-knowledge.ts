import type { Clock, Timer } from '#time';
import type { Degradations } from './degradations.ts';
import { followKvEvents, type KvFollower } from './kv-events/kv-follower.ts';
import type { ZmqAddress } from './kv-events/zmq-feed.ts';
import { promptKeys } from './kv-index/block-keys.ts';
import { KvIndex } from './kv-index/kv-index.ts';
import type { PromptTokens } from './tokens/prompt-tokens.ts';

const SWEEP_EVERY_MS = 5;
const SWEPT_AT_ONCE = 4000;

export interface PrefixKnowledgeOptions {
  /** Blocks of all endpoints together; about 20 bytes each. */
  readonly maxBlocks: number;
  readonly degradations: Degradations;
  readonly clock: Clock;
}

/** How well an endpoint's cache is known. */
export interface KnowledgeState {
  readonly endpoint: string;
  readonly ranks: number;
  readonly messages: number;
  readonly blocks: number;
  readonly blockSize: number;
  /** No replay is awaited. */
  readonly inStep: boolean;
  /** Number of the last message of rank 0; -1 before the first. */
  readonly last: number;
  readonly bytes: number;
}

/** What the endpoints of one model have in their prefix caches, as their KV events tell. */
export interface PrefixKnowledge {
  /** Begins to follow an endpoint; one address per rank of data parallelism. */
  follow(endpoint: string, ranks: readonly ZmqAddress[]): Promise<void>;
  /** The endpoint is gone, and what it held with it. */
  leave(endpoint: string): Promise<void>;
  /** The engine has started anew without a word: its counters went back. */
  restarted(endpoint: string): void;
  /** GPU blocks per rank as the endpoint's metrics say. */
  limit(endpoint: string, blocksPerRank: number): void;
  /**
   * Prompt tokens that the endpoint's cache holds, of all tiers; with several ranks the mean over them, since the engine chooses the rank.
   * Undefined where nothing is known: no events have come, or the tokens of the prompt are an estimate.
   */
  cachedTokens(endpoint: string, prompt: PromptTokens): number | undefined;
  states(): readonly KnowledgeState[];
  /** Bytes of the index and of the translations. */
  readonly bytes: number;
  readonly blocks: number;
  close(): Promise<void>;
}

interface Depths {
  readonly blockSize: number;
  readonly hashes: Float64Array;
  /** Leading blocks per holder, at one state of the index. */
  readonly depths: Uint32Array;
}

export function createPrefixKnowledge(options: PrefixKnowledgeOptions): PrefixKnowledge {
  const { degradations, clock } = options;
  const index = new KvIndex({ maxPairs: options.maxBlocks });
  const followed = new Map<string, KvFollower[]>();
  const prompts = new WeakMap<PromptTokens, Depths[]>();
  let closed = false;
  let sweeping: Timer | undefined;

  /** Gives memory back in small pieces. */
  const sweep = (): void => {
    sweeping ??= clock.schedule(SWEEP_EVERY_MS, () => {
      sweeping = undefined;
      if (index.sweep(SWEPT_AT_ONCE) && !closed) sweep();
    });
  };

  /** Looked up once per prompt and block size, however many endpoints are asked about. */
  const depthsOf = (prompt: PromptTokens, ids: Uint32Array, blockSize: number): Depths => {
    const known = prompts.get(prompt) ?? [];
    const found = known.find((depths) => depths.blockSize === blockSize && depths.depths.length >= index.holders);
    if (found !== undefined) return found;
    // The last token is always computed, so a block that it completes is of no use.
    const hashes = promptKeys(ids.subarray(0, Math.max(0, ids.length - 1)), blockSize, prompt.keys);
    const depths = new Uint32Array(Math.ceil(index.holders / 32) * 32);
    index.depths(hashes, depths);
    const made = { blockSize, hashes, depths };
    prompts.set(prompt, [...known.filter((other) => other.blockSize !== blockSize), made]);
    return made;
  };

  const tokensAt = ({ source }: KvFollower, prompt: PromptTokens, ids: Uint32Array): number => {
    if (source.blockSize === 0) return 0;
    const { hashes, depths } = depthsOf(prompt, ids, source.blockSize);
    if (source.tiered) return source.depth(hashes).any * source.blockSize;
    return source.gpuHolder === undefined ? 0 : (depths[source.gpuHolder] ?? 0) * source.blockSize;
  };

  const leave = async (endpoint: string): Promise<void> => {
    const followers = followed.get(endpoint) ?? [];
    followed.delete(endpoint);
    await Promise.all(followers.map((follower) => follower.close()));
    if (followers.length > 0 && !closed) sweep();
  };

  return {
    async follow(endpoint, ranks) {
      await leave(endpoint);
      const followers = await Promise.all(ranks.map((address) => followKvEvents({ endpoint, address, index, degradations, clock })));
      if (closed) await Promise.all(followers.map((follower) => follower.close()));
      else followed.set(endpoint, followers);
    },
    leave,
    restarted: (endpoint) => {
      for (const follower of followed.get(endpoint) ?? []) follower.restarted();
      sweep();
    },
    limit: (endpoint, blocksPerRank) => {
      for (const { source } of followed.get(endpoint) ?? []) source.limitTo(blocksPerRank);
    },
    cachedTokens(endpoint, prompt) {
      const followers = followed.get(endpoint);
      const { ids } = prompt;
      if (followers === undefined || ids === undefined || followers.every(({ messages }) => messages === 0)) return undefined;
      return Math.floor(followers.reduce((sum, follower) => sum + tokensAt(follower, prompt, ids), 0) / followers.length);
    },
    states: () =>
      [...followed].map(([endpoint, followers]) => ({
        endpoint,
        ranks: followers.length,
        messages: followers.reduce((sum, { messages }) => sum + messages, 0),
        blocks: followers.reduce((sum, { source }) => sum + source.blocks, 0),
        blockSize: followers[0]?.source.blockSize ?? 0,
        inStep: followers.every(({ inStep }) => inStep),
        last: followers[0]?.last ?? -1,
        bytes: followers.reduce((sum, { source }) => sum + source.bytes, 0),
      })),
    get bytes() {
      return index.bytes + [...followed.values()].flat().reduce((sum, { source }) => sum + source.bytes, 0);
    },
    get blocks() {
      return index.pairs;
    },
    close: async () => {
      closed = true;
      sweeping?.cancel();
      await Promise.all([...followed.keys()].map(leave));
    },
  };
}
