import { describe, expect, it } from 'vitest';
import { createPromptMarks, MARK_BYTES, readPromptMarks } from './prompt-marks.ts';

const HASH_BYTES = 256;
const hashesOf = (count: number, seed = 1): number[] => Array.from({ length: count }, (_, index) => seed * 1_000_003 + index);
const prompt = (bytes: number, seed?: number) => ({ promptBytes: bytes, hashBytes: HASH_BYTES, hashes: () => hashesOf(Math.floor(bytes / HASH_BYTES), seed) });
const mark = createPromptMarks('sk-master');

describe('marks of prompts', () => {
  it('are none for a short prompt, whose hashes nobody asks for', () => {
    const asked = { promptBytes: MARK_BYTES - 1, hashBytes: HASH_BYTES, hashes: () => expect.fail('asked for hashes') };

    expect(mark(asked)).toEqual({});
  });

  it('are as many as the prompt has whole parts, and equal as far as prompts are', () => {
    const short = readPromptMarks(mark(prompt(3 * MARK_BYTES + 100)));
    const long = readPromptMarks(mark(prompt(40 * MARK_BYTES)));

    expect(short).toHaveLength(3 * 6);
    expect(long.subarray(0, short.length)).toEqual(short);
    expect(long).toHaveLength(40 * 6);
    expect(readPromptMarks(mark(prompt(3 * MARK_BYTES, 2))).subarray(0, 6)).not.toEqual(short.subarray(0, 6));
  });

  it('fit into attributes that are kept without content, and have a bound', () => {
    const attributes = mark(prompt(1000 * MARK_BYTES));

    for (const value of Object.values(attributes)) expect(value.length).toBeLessThan(198);
    expect(readPromptMarks(attributes)).toHaveLength(256 * 6);
  });

  it('differ from one installation to the next', () => {
    expect(createPromptMarks('sk-other')(prompt(MARK_BYTES))).not.toEqual(mark(prompt(MARK_BYTES)));
  });

  it('are read as far as they are whole', () => {
    expect(readPromptMarks({})).toHaveLength(0);
    expect(readPromptMarks({ promptMarks0: 'AAAAAAAAAA', promptMarks1: 7, promptMarks2: 'AAAAAAAA' })).toHaveLength(6);
  });
});
