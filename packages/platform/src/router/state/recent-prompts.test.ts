import { describe, expect, it } from 'vitest';
import { createRecentPrompts, type RecentPrompt } from './recent-prompts.ts';

const prompt = (decisionId: string, more: Partial<RecentPrompt> = {}): RecentPrompt => ({
  decisionId,
  session: undefined,
  model: 'm',
  atMs: 0,
  promptTokens: 640,
  hashes: new Float64Array(10),
  ...more,
});

describe('recent prompts', () => {
  it('are the newest, bounded in number', () => {
    const prompts = createRecentPrompts({ maxPrompts: 2, maxHashes: 1000 });
    for (const id of ['1', '2', '3']) prompts.put(prompt(id));

    expect(['1', '2', '3'].map((id) => prompts.ofDecision(id)?.decisionId)).toEqual([undefined, '2', '3']);
  });

  it('are bounded in the hashes that they hold together, and one that is too long is not kept', () => {
    const prompts = createRecentPrompts({ maxPrompts: 100, maxHashes: 25 });
    for (const id of ['1', '2', '3']) prompts.put(prompt(id));
    prompts.put(prompt('long', { hashes: new Float64Array(26) }));

    expect(['1', '2', '3', 'long'].map((id) => prompts.ofDecision(id)?.decisionId)).toEqual([undefined, '2', '3', undefined]);
  });

  it('tell the last prompt of each session, newest first', () => {
    const prompts = createRecentPrompts({ maxPrompts: 100, maxHashes: 1000 });
    prompts.put(prompt('1', { session: 'a' }));
    prompts.put(prompt('2', { session: 'b' }));
    prompts.put(prompt('3'));
    prompts.put(prompt('4', { session: 'a' }));

    expect(prompts.sessions().map(({ decisionId, session }) => [session, decisionId])).toEqual([
      ['a', '4'],
      ['b', '2'],
    ]);
  });
});
