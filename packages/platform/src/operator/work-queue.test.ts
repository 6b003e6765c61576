import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createWorkQueue, type WorkQueue } from './work-queue.ts';

interface Job {
  readonly key: string;
  finish(): void;
  fail(): void;
}

const begin = (concurrency = 2) => {
  const clock = createFakeClock();
  const jobs: Job[] = [];
  const retries: number[] = [];
  const queue: WorkQueue = createWorkQueue({
    clock,
    random: () => 1,
    concurrency,
    failed: (_key, _error, retryInMs) => void retries.push(retryInMs),
    work: (key, signal) =>
      new Promise((resolve, reject) => {
        jobs.push({ key, finish: () => resolve(), fail: () => reject(new Error('no')) });
        signal.addEventListener('abort', () => reject(new Error('stopped')));
      }),
  });
  return { clock, jobs, retries, queue, keys: () => jobs.map((job) => job.key) };
};

describe('work queue', () => {
  it('works on each key once, however often it is added', async () => {
    const { queue, keys } = begin();
    for (const key of ['a', 'b', 'c', 'c']) queue.add(key);
    expect(keys()).toEqual(['a', 'b']);
    await queue.close();
  });

  it('never works twice at once on one key, and does not forget what was added meanwhile', async () => {
    const { clock, queue, jobs, keys } = begin();
    queue.add('a');
    queue.add('a');
    queue.add('a');
    expect(keys()).toEqual(['a']);
    jobs[0]?.finish();
    await clock.advance(0);
    expect(keys()).toEqual(['a', 'a']);
    await queue.close();
  });

  it('lets a key that is busy not block the others', async () => {
    const { queue, keys } = begin(3);
    queue.add('a');
    queue.add('a');
    queue.add('b');
    expect(keys()).toEqual(['a', 'b']);
    await queue.close();
  });

  it('tries again ever later, at most every five minutes, and forgets failures after a success', async () => {
    const { clock, queue, jobs, retries } = begin();
    queue.add('a');
    for (let attempt = 0; attempt < 14; attempt += 1) {
      jobs.at(-1)?.fail();
      await clock.advance(300_000);
    }
    expect(retries.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
    expect(Math.max(...retries)).toBe(300_000);

    jobs.at(-1)?.finish();
    await clock.advance(0);
    queue.add('a');
    jobs.at(-1)?.fail();
    await clock.advance(0);
    expect(retries.at(-1)).toBe(500);
    await queue.close();
  });

  it('does not wait for the backoff when something new happens', async () => {
    const { clock, queue, jobs, keys } = begin();
    queue.add('a');
    jobs[0]?.fail();
    await clock.advance(0);
    queue.add('a');
    expect(keys()).toEqual(['a', 'a']);
    jobs[1]?.finish();
    await clock.advance(10_000);
    expect(keys()).toEqual(['a', 'a']);
    await queue.close();
  });

  it('is idle when nothing runs or waits', async () => {
    const { clock, queue, jobs } = begin();
    queue.add('a');
    let idle = false;
    const waiting = queue.idle().then(() => {
      idle = true;
    });
    await clock.advance(0);
    expect(idle).toBe(false);
    jobs[0]?.finish();
    await waiting;
    expect(idle).toBe(true);
    await queue.close();
  });

  it('stops what runs when it is closed, and takes nothing more', async () => {
    const { clock, queue, keys } = begin();
    queue.add('a');
    await queue.close();
    queue.add('b');
    expect(keys()).toEqual(['a']);
    expect(clock.pending()).toBe(0);
  });
});
