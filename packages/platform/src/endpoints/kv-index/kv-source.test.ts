import { describe, expect, it } from 'vitest';
import type { BlocksStored } from '../kv-events/kv-event.ts';
import { promptKeys } from './block-keys.ts';
import { KvIndex } from './kv-index.ts';
import { KvSource } from './kv-source.ts';

const tokens = Array.from({ length: 64 }, (_, index) => index);

const stored = (more: Partial<BlocksStored> = {}): BlocksStored => ({
  type: 'stored',
  hashes: [101, 102, 103, 104],
  parent: undefined,
  tokens,
  blockSize: 16,
  tier: 'gpu',
  loraName: undefined,
  extraKeys: undefined,
  group: 0,
  wholePrefix: true,
  ...more,
});

const removed = (hashes: readonly number[], tier: 'gpu' | 'cpu' = 'gpu') => ({ type: 'removed', hashes, tier, group: 0 }) as const;

function open(maxPairs = 1000) {
  const index = new KvIndex({ maxPairs });
  const problems: string[] = [];
  return { index, problems, source: new KvSource({ index, onProblem: (problem) => problems.push(problem) }) };
}

describe('what a source holds', () => {
  it('is found by tokens, whatever the engine calls its blocks', () => {
    const one = open();
    const bytes = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte));
    one.source.apply(stored({ hashes: bytes }));
    const two = open();
    two.source.apply(stored({ hashes: [18446744073709550001n, -5, 2 ** 60, 0] }));

    for (const { source } of [one, two]) expect(source.depth(promptKeys(tokens, 16))).toEqual({ gpu: 4, any: 4 });
  });

  it('continues a chain by the name of its parent', () => {
    const { source, problems } = open();
    source.apply(stored({ hashes: [101, 102], tokens: tokens.slice(0, 32) }));
    source.apply(stored({ hashes: [103, 104], tokens: tokens.slice(32), parent: 102 }));
    source.apply(stored({ hashes: [900], tokens: tokens.slice(0, 16), parent: 555 }));

    expect(source.depth(promptKeys(tokens, 16)).gpu).toBe(4);
    expect(problems).toEqual(['kv-orphans']);
  });

  it('ends where a block was removed', () => {
    const { source, index } = open();
    source.apply(stored());
    source.apply(removed([103, 777]));

    expect(source.depth(promptKeys(tokens, 16)).gpu).toBe(2);
    expect(index.pairs).toBe(3);
  });

  it('keeps a block that the engine has twice until both are gone', () => {
    const { source } = open();
    source.apply(stored());
    source.apply(stored());
    source.apply(removed([101]));
    expect(source.depth(promptKeys(tokens, 16)).gpu).toBe(4);

    source.apply(removed([101]));
    expect(source.depth(promptKeys(tokens, 16)).gpu).toBe(0);
  });

  it('tells GPU memory from what was moved out of it', () => {
    const { source } = open();
    source.apply(stored());
    source.apply(stored({ tier: 'cpu' }));
    source.apply(removed([103, 104]));

    expect(source.depth(promptKeys(tokens, 16))).toEqual({ gpu: 2, any: 4 });
    source.apply(removed([104], 'cpu'));
    expect(source.depth(promptKeys(tokens, 16))).toEqual({ gpu: 2, any: 3 });
  });

  it('is another one for an adapter and for a salt, by the keys of each block or by its name', () => {
    const byKeys = open();
    byKeys.source.apply(stored({ extraKeys: [['sql', 'pepper'], ['sql'], ['sql'], ['sql']], loraName: 'sql' }));
    const byName = open();
    byName.source.apply(stored({ loraName: 'sql' }));

    expect(byKeys.source.depth(promptKeys(tokens, 16, { lora: 'sql', salt: 'pepper' })).gpu).toBe(4);
    expect(byKeys.source.depth(promptKeys(tokens, 16, { lora: 'sql' })).gpu).toBe(0);
    expect(byName.source.depth(promptKeys(tokens, 16, { lora: 'sql' })).gpu).toBe(4);
    expect(byName.source.depth(promptKeys(tokens, 16)).gpu).toBe(0);
  });

  it('is nothing after all blocks were cleared, also of memory', () => {
    const { source, index } = open();
    source.apply(stored());
    source.apply({ type: 'cleared' });

    expect(source.depth(promptKeys(tokens, 16))).toEqual({ gpu: 0, any: 0 });
    while (index.sweep(100));
    expect([index.pairs, source.blocks]).toEqual([0, 0]);
  });

  it('is forgotten when it is more than the engine has memory for: removals were lost', () => {
    const { source, problems } = open();
    source.limitTo(3);
    source.apply(stored());

    expect(problems).toEqual(['kv-overfull']);
    expect(source.blocks).toBe(0);
  });

  it('follows only groups that keep whole prefixes, and stays within the bound of the index', () => {
    const { source, problems } = open(2);
    source.apply(stored({ group: 1, wholePrefix: false }));
    source.apply({ ...removed([101]), group: 1 });
    source.apply(stored());

    expect(problems).toEqual(['kv-partial-groups', 'kv-index-full']);
    expect(source.depth(promptKeys(tokens, 16)).gpu).toBe(2);
  });
});
