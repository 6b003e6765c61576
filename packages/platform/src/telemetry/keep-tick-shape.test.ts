import { executionAsyncId } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { keepTickShape } from './keep-tick-shape.ts';

describe('keepTickShape', () => {
  it('finds what this Node makes for a tick', () => {
    expect(keepTickShape()).toBe(true);
  });

  it('leaves ticks as they are', async () => {
    keepTickShape();
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      process.nextTick((name: string) => order.push(name, executionAsyncId() > 0 ? 'in a tick' : 'nowhere'), 'first');
      process.nextTick(() => resolve());
    });
    expect(order).toEqual(['first', 'in a tick']);
  });
});
