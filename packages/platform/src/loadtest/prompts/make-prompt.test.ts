import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePrompt, makeTracePrompt, makeWords } from './make-prompt.ts';
import { WORDS } from './words.ts';

const ONE = { tokensPerWord: 1, overheadTokens: 0 };
const words = (text: string): string[] => text.split(' ');
const common = (left: string, right: string): number => {
  const [a, b] = [words(left), words(right)];
  const at = a.findIndex((word, index) => word !== b[index]);
  return at < 0 ? a.length : at;
};

describe('a made-up prompt', () => {
  it('has as many words as its tokens need with the tokenizer of the model', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 3000 }),
        fc.double({ min: 0.5, max: 4, noNaN: true }),
        fc.integer({ min: 0, max: 30 }),
        (tokens, tokensPerWord, overheadTokens) => {
          const prompt = makePrompt({ tokens, seed: 1, sharedTokens: 0, sharedSeed: 9 }, { tokensPerWord, overheadTokens });

          expect(Math.abs(words(prompt).length * tokensPerWord + overheadTokens - tokens)).toBeLessThanOrEqual(tokensPerWord);
        },
      ),
    );
  });

  it('is the same for the same seed, and another one from the first words on for another', () => {
    const prompt = (seed: number): string => makePrompt({ tokens: 200, seed, sharedTokens: 0, sharedSeed: 9 }, ONE);

    expect(prompt(1)).toBe(prompt(1));
    expect(common(prompt(1), prompt(2))).toBeLessThan(5);
  });

  it('shares exactly the beginning that it is told to share', () => {
    const prompt = (seed: number): string => makePrompt({ tokens: 200, seed, sharedTokens: 120, sharedSeed: 9 }, ONE);

    expect(common(prompt(1), prompt(2))).toBeGreaterThanOrEqual(120);
    expect(common(prompt(1), prompt(2))).toBeLessThan(125);
    expect(words(prompt(1))).toHaveLength(200);
  });

  it('shares the blocks of a trace, and is cut to its length', () => {
    const prompt = (blocks: readonly number[], inputTokens: number): string => makeTracePrompt({ inputTokens, blocks, blockTokens: 64, seed: 3 }, ONE);

    expect(common(prompt([0, 1, 2], 180), prompt([0, 1, 7], 180))).toBeGreaterThanOrEqual(128);
    expect(common(prompt([0, 1, 2], 180), prompt([0, 1, 7], 180))).toBeLessThan(133);
    expect(words(prompt([0, 1, 2], 180))).toHaveLength(180);
    expect(words(prompt([], 50))).toHaveLength(50);
  });

  it('is made of different short words', () => {
    expect(new Set(WORDS).size).toBe(WORDS.length);
    expect(WORDS.every((word) => /^[a-z]{2,7}$/.test(word))).toBe(true);
    expect(makeWords(0, 1)).toBe('');
  });
});
