import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, blockHashes, hashBytes, hashText } from './block-hashes.ts';

describe('block hashes', () => {
  it('has one hash per full block and none for the rest', () => {
    expect(blockHashes(new Uint8Array(BLOCK_BYTES * 3 + 100))).toHaveLength(3);
    expect(blockHashes(new Uint8Array(BLOCK_BYTES - 1))).toHaveLength(0);
  });

  it('does not depend on where the bytes lie in memory', () => {
    const text = Buffer.from('The quick brown fox jumps over the lazy dog. '.repeat(30));
    const results = [0, 1, 2, 3].map((shift) => {
      const memory = new Uint8Array(text.length + shift);
      memory.set(text, shift);
      return [...blockHashes(memory.subarray(shift))];
    });

    expect(new Set(results.map(String)).size).toBe(1);
  });

  it('is equal exactly as far as two prompts are equal', () => {
    fc.assert(
      fc.property(fc.nat(BLOCK_BYTES * 8 - 1), fc.nat(254), (place, change) => {
        const left = new Uint8Array(BLOCK_BYTES * 8).fill(65);
        const right = Uint8Array.from(left);
        right[place] = ((right[place] ?? 0) + 1 + change) % 256;

        const [first, second] = [blockHashes(left), blockHashes(right)];

        for (let block = 0; block < 8; block += 1) expect(first[block] === second[block]).toBe(block < Math.floor(place / BLOCK_BYTES));
      }),
    );
  });

  it('has no collision among 100,000 different blocks', () => {
    const seen = new Set<number>();
    const block = new Uint8Array(BLOCK_BYTES);
    const view = new DataView(block.buffer);
    for (let number = 0; number < 100_000; number += 1) {
      view.setUint32(64, number);
      seen.add(blockHashes(block)[0] ?? -1);
    }

    expect(seen.size).toBe(100_000);
  });

  it('gives whole numbers that a double holds exactly, and looks at 131,072 tokens at most', () => {
    const hashes = blockHashes(new Uint8Array(4_000_000).fill(255));

    expect(hashes).toHaveLength(2048);
    expect(hashes.every((hash) => Number.isSafeInteger(hash) && hash >= 0)).toBe(true);
  });

  it('hashes short texts too', () => {
    expect(hashText('session-1')).not.toBe(hashText('session-2'));
    expect(hashText('x')).toBe(hashBytes(Buffer.from('x')));
    expect(hashText('')).toBeGreaterThanOrEqual(0);
  });
});
