import type { Sequence } from '../sequence.ts';
import type { KvCache } from './kv-cache.ts';
import type { SequenceMemory } from './sequence-memory.ts';

export interface WindowedMemoryOptions {
  readonly kv: KvCache;
  /** Tokens that a layer with a window attends to. */
  readonly windowTokens: number;
  /** Groups of layers of equal size, each with blocks of its own out of the same memory; the first ones attend to the whole context. */
  readonly groups: number;
  readonly fullGroups: number;
  /** Tokens that one step may add to a sequence. */
  readonly maxStepTokens: number;
}

/** Stands in a table for a block that has left the window. */
const GONE = -1;

/**
 * Blocks of layers that attend to the last tokens only are given back when the window has passed them; they stay findable like all
 * free blocks. A prefix is found where the groups with the whole context hold all of it and the others its last window.
 */
export function createWindowedMemory(options: WindowedMemoryOptions): SequenceMemory {
  const { kv, groups, fullGroups } = options;
  /** Blocks that hold what the next token sees, beside itself. */
  const windowBlocks = Math.ceil((options.windowTokens - 1) / kv.blockSize);
  const keys = Array.from({ length: groups }, (_, group) => keysOf(group));
  const windowed = keys.slice(fullGroups);

  const tables = (sequence: Sequence): readonly number[][] => {
    while (sequence.moreTables.length < groups - 1) sequence.moreTables.push([]);
    return [sequence.table, ...sequence.moreTables];
  };
  const isHeld = (hash: number): boolean => windowed.every((key) => kv.has(key(hash)));
  /** First block that a group needs of a prefix with so many. */
  const firstOf = (group: number, blocks: number): number => (group < fullGroups ? 0 : Math.max(0, blocks - windowBlocks));

  return {
    match: (hashes, limit) => {
      const end = Math.min(limit, hashes.length);
      const whole = fullGroups === 0 ? end : Math.min(...keys.slice(0, fullGroups).map((key) => kv.match(mapped(hashes, key, end), end)));
      if (!kv.prefixCaching) return 0;
      let run = 0;
      for (let index = whole - 1; index >= 0; index -= 1) {
        run = isHeld(hashes[index] ?? -1) ? run + 1 : 0;
        if (run >= windowBlocks) return index + run;
      }
      return run;
    },
    open: (sequence, { cached, total }) => {
      let needed = 0;
      const wanted = keys.map((key, group) => ({ hashes: mapped(sequence.hashes, key, cached), first: firstOf(group, cached) }));
      for (const { hashes, first } of wanted) needed += total - cached + kv.idle(hashes, first, cached);
      if (needed > kv.freeBlocks) return false;
      tables(sequence).forEach((table, group) => {
        const want = wanted[group];
        if (want === undefined) return;
        for (let index = 0; index < want.first; index += 1) table.push(GONE);
        kv.adopt(table, want.hashes, { from: want.first, to: cached });
      });
      for (const table of tables(sequence)) kv.grow(table, total);
      return true;
    },
    reach: (sequence, tokens) => {
      const total = Math.ceil(tokens / kv.blockSize);
      const all = tables(sequence);
      // The token after the computed ones sees the window before it; what lies before that is needed no more.
      const passed = Math.max(0, Math.floor((sequence.computed + 1 - options.windowTokens) / kv.blockSize));
      for (const table of all.slice(fullGroups)) kv.releaseFront(table, passed, GONE);
      const needed = all.reduce((sum, table) => sum + Math.max(0, total - table.length), 0);
      return needed <= kv.freeBlocks && all.every((table) => kv.grow(table, total));
    },
    publish: (sequence, index) => {
      const hash = sequence.hashes[index] ?? -1;
      let fresh = false;
      tables(sequence).forEach((table, group) => {
        const block = table[index] ?? GONE;
        const stored = block !== GONE && kv.publish(block, keys[group]?.(hash) ?? hash);
        if (group === 0) fresh = stored;
      });
      return fresh;
    },
    release: (sequence) => {
      for (const table of tables(sequence)) kv.release(table);
    },
    mostBlocks: (tokens) => {
      const whole = Math.ceil(tokens / kv.blockSize);
      const window = Math.min(whole, windowBlocks + Math.ceil(options.maxStepTokens / kv.blockSize) + 2);
      return fullGroups * whole + (groups - fullGroups) * window;
    },
  };
}

/** The same block has another content in each group. The first group keeps the plain hash; those of the others are negative, so nobody is told of them. */
const keysOf =
  (group: number): ((hash: number) => number) =>
  (hash) =>
    group === 0 ? hash : -((hash % 2 ** 48) * 16 + group) - 2;

const mapped = (hashes: ArrayLike<number>, key: (hash: number) => number, count: number): readonly number[] =>
  Array.from({ length: Math.min(count, hashes.length) }, (_, index) => key(hashes[index] ?? -1));
