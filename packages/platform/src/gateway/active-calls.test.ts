import { isPlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { ActiveCalls } from './active-calls.ts';
import { Lifetime } from './lifetime.ts';

describe('ActiveCalls', () => {
  it('closes at once when nothing runs', async () => {
    const clock = createFakeClock();

    await new ActiveCalls().close(clock, 30_000);

    expect(clock.pending()).toBe(0);
  });

  it('waits for the last call and leaves no timer behind', async () => {
    const clock = createFakeClock();
    const active = new ActiveCalls();
    const first = new Lifetime(clock);
    const second = new Lifetime(clock);
    active.enter(first);
    active.enter(second);

    const closed = active.close(clock, 30_000);
    active.leave(first);
    expect(active.size).toBe(1);
    active.leave(second);
    await closed;

    expect(first.reason).toBeUndefined();
    expect(clock.pending()).toBe(0);
  });

  it('ends the calls that outlive the grace', async () => {
    const clock = createFakeClock();
    const active = new ActiveCalls();
    const lifetime = new Lifetime(clock);
    active.enter(lifetime);

    const closed = active.close(clock, 1000);
    await clock.advance(1001);
    expect(lifetime.reason?.code).toBe('shutting_down');
    active.leave(lifetime);

    await closed;
  });

  it('takes no new call once it closes', async () => {
    const clock = createFakeClock();
    const active = new ActiveCalls();
    await active.close(clock, 0);

    let thrown: unknown;
    try {
      active.enter(new Lifetime(clock));
    } catch (error) {
      thrown = error;
    }

    expect(isPlatformError(thrown, 'shutting_down')).toBe(true);
    expect(active.size).toBe(0);
  });
});
