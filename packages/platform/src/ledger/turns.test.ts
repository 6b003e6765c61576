import { describe, expect, it } from 'vitest';
import { createTurns } from './turns.ts';

describe('turns', () => {
  it('run one after the other, in the order in which they came', async () => {
    const turns = createTurns();
    const events: string[] = [];
    const work = (name: string) => async () => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
      return name;
    };

    expect(await Promise.all(['a', 'b', 'c'].map((name) => turns.run(work(name))))).toEqual(['a', 'b', 'c']);

    expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('go on after one has failed, and give its error to its own caller only', async () => {
    const turns = createTurns();
    const failed = turns.run(() => Promise.reject(new Error('broken')));
    const next = turns.run(() => Promise.resolve('fine'));

    await expect(failed).rejects.toThrow('broken');
    expect(await next).toBe('fine');
  });
});
