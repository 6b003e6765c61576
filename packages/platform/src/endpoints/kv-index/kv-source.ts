import type { BlocksRemoved, BlocksStored, KvEvent, Tier } from '../kv-events/kv-event.ts';
import { blockKey, CHAIN_START, extraKeys } from './block-keys.ts';
import { EngineBlocks } from './engine-blocks.ts';
import { type EngineHash, type EngineKey, fillEngineKey } from './engine-key.ts';
import type { KvIndex } from './kv-index.ts';

/** Blocks of holders that have left which each event lets go: more than it brings, so the sweep ends. */
const SWEPT_PER_BLOCK = 4;
const MAX_REPEATS = 65_536;
/** What a source may hold beyond its engine's memory before events must have been lost. */
const SLACK = 1.1;

/** Why something of a source is not in the index. */
type SourceProblem = 'kv-orphans' | 'kv-index-full' | 'kv-partial-groups' | 'kv-overfull';

export interface KvSourceOptions {
  readonly index: KvIndex;
  readonly onProblem: (problem: SourceProblem, detail: string) => void;
}

/** The cache of one engine (one rank of it), as its events tell: translates its names of blocks to ours. */
export class KvSource {
  readonly #index: KvIndex;
  readonly #onProblem: KvSourceOptions['onProblem'];
  readonly #holders = new Map<Tier, number>();
  readonly #held = new Map<Tier, number>();
  readonly #key: EngineKey = { part: 0, fingerprint: 1 };
  /** Blocks that the engine keeps more than once; each copy is removed by an event of its own. */
  readonly #repeats = new Map<number, number>();
  readonly #otherGroups = new Set<number>();
  #blocks = new EngineBlocks();
  #blockSize = 0;
  #capacityBlocks = Number.POSITIVE_INFINITY;

  constructor({ index, onProblem }: KvSourceOptions) {
    this.#index = index;
    this.#onProblem = onProblem;
  }

  /** Tokens per block as the events say; 0 before the first. */
  get blockSize(): number {
    return this.#blockSize;
  }

  get blocks(): number {
    return this.#blocks.size;
  }

  get bytes(): number {
    return this.#blocks.bytes;
  }

  /** Blocks that the engine's GPU memory has; where it seems to hold more, removals were lost and everything is forgotten. */
  limitTo(blocks: number): void {
    this.#capacityBlocks = blocks;
  }

  apply(event: KvEvent): void {
    if (event.type === 'cleared') this.clear();
    else if (event.type === 'stored') this.#store(event);
    else this.#remove(event);
  }

  /** Forgets everything at once; memory comes back little by little. */
  clear(): void {
    if (this.#holders.size > 0) this.#index.leave([...this.#holders.values()], this.#blocks.references());
    this.#holders.clear();
    this.#held.clear();
    this.#repeats.clear();
    this.#blocks = new EngineBlocks();
  }

  /** Leading blocks that the engine has, and how many of them in GPU memory without a gap. */
  depth(hashes: ArrayLike<number>): { readonly gpu: number; readonly any: number } {
    const gpuHolder = this.#holders.get('gpu');
    const gpu = gpuHolder === undefined ? 0 : this.#index.depthOf(gpuHolder, hashes);
    const any = this.#holders.size < 2 && gpuHolder !== undefined ? gpu : this.#index.depthOfAny([...this.#holders.values()], hashes);
    return { gpu, any };
  }

  /** Number of the GPU tier in the index; undefined before it holds something. */
  get gpuHolder(): number | undefined {
    return this.#holders.get('gpu');
  }

  /** Whether other tiers hold something, so that the depth of the GPU tier is not the whole truth. */
  get tiered(): boolean {
    return this.#holders.size > (this.#holders.has('gpu') ? 1 : 0);
  }

  #store(event: BlocksStored): void {
    if (!event.wholePrefix) {
      if (!this.#otherGroups.has(event.group)) this.#onProblem('kv-partial-groups', `group ${event.group} keeps a window only and is not followed`);
      this.#otherGroups.add(event.group);
      return;
    }
    let parent = CHAIN_START;
    if (event.parent !== undefined) {
      const found = this.#ownOf(event.parent);
      if (found === undefined) {
        this.#onProblem('kv-orphans', `${event.hashes.length} blocks follow one that is not known`);
        return;
      }
      parent = found;
    }
    this.#blockSize = event.blockSize;
    const holder = this.#holderOf(event.tier);
    const { hashes, tokens, blockSize } = event;
    const shared = event.extraKeys === undefined && event.loraName !== undefined ? extraKeys([event.loraName]) : '';
    let fresh = 0;
    let block = 0;
    this.#index.sweep(SWEPT_PER_BLOCK * hashes.length);
    for (; block < hashes.length; block += 1) {
      const extra = event.extraKeys === undefined ? shared : extraKeys(event.extraKeys[block]);
      parent = blockKey(parent, tokens, { start: block * blockSize, end: (block + 1) * blockSize, extra });
      const added = this.#index.add(holder, parent);
      if (added === undefined) break;
      if (added) fresh += 1;
      else if (this.#repeats.size < MAX_REPEATS) this.#repeats.set(parent, (this.#repeats.get(parent) ?? 0) + 1);
      fillEngineKey(this.#key, hashes[block] ?? 0);
      this.#blocks.put(this.#key, Math.floor(parent / 256));
    }
    this.#count(event.tier, fresh);
    if (block < hashes.length) this.#onProblem('kv-index-full', `${hashes.length - block} blocks were not taken`);
    if ((this.#held.get('gpu') ?? 0) <= this.#capacityBlocks * SLACK) return;
    this.#onProblem('kv-overfull', `it seems to hold ${this.#held.get('gpu')} blocks, and its memory has ${this.#capacityBlocks}`);
    this.clear();
  }

  #remove(event: BlocksRemoved): void {
    const holder = this.#holders.get(event.tier);
    if (holder === undefined || this.#otherGroups.has(event.group)) return;
    for (const hash of event.hashes) {
      const own = this.#ownOf(hash);
      if (own === undefined) continue;
      const repeats = this.#repeats.size === 0 ? 0 : (this.#repeats.get(own) ?? 0);
      if (repeats > 1) this.#repeats.set(own, repeats - 1);
      else if (repeats === 1) this.#repeats.delete(own);
      else if (this.#index.remove(holder, own)) {
        this.#count(event.tier, -1);
        if (!this.#holds(own)) {
          fillEngineKey(this.#key, hash);
          this.#blocks.delete(this.#key);
        }
      }
    }
  }

  #ownOf(hash: EngineHash): number | undefined {
    fillEngineKey(this.#key, hash);
    const reference = this.#blocks.get(this.#key);
    if (reference < 0) return undefined;
    let own = this.#index.withUpperBits(reference);
    while (own >= 0 && !this.#holds(own)) own = this.#index.withUpperBits(reference, own);
    return own < 0 ? undefined : own;
  }

  #holds(own: number): boolean {
    for (const holder of this.#holders.values()) if (this.#index.has(holder, own)) return true;
    return false;
  }

  #holderOf(tier: Tier): number {
    const known = this.#holders.get(tier);
    if (known !== undefined) return known;
    const holder = this.#index.addHolder();
    this.#holders.set(tier, holder);
    return holder;
  }

  #count(tier: Tier, by: number): void {
    this.#held.set(tier, (this.#held.get(tier) ?? 0) + by);
  }
}
