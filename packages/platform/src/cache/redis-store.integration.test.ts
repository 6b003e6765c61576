import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '#telemetry';
import { createSystemClock } from '#time';
import { describeAnswerStore } from '../../../../test/conformance/answer-store.ts';
import { startRedis, type TestRedis } from '../../../../test/integration/start-redis.ts';
import { createRedisStore } from './redis-store.ts';

const clock = createSystemClock();
let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.kill());

const open = () => createRedisStore({ url: server.url, clock, log: silentLog, timeoutMs: 30_000 });

describeAnswerStore('Redis', () => {
  const store = open();
  return Promise.resolve({
    store,
    nowMs: clock.nowMs,
    // The server forgets by its own clock, which nobody can set.
    passTime: async (ms) => {
      for (const until = clock.nowMs() + ms; clock.nowMs() <= until; ) await clock.sleep(5);
    },
    close: () => store.close(),
  });
});

describe('answers in Redis', () => {
  it('are missed while the server is away, and found by two processes when it is there', async () => {
    const [first, second] = [open(), open()];
    await first.set('shared', Buffer.from('x'), { tenant: 't', expiresMs: clock.nowMs() + 60_000 });

    expect((await second.get('shared'))?.toString()).toBe('x');

    await server.kill();
    await expect(first.get('shared')).rejects.toMatchObject({ code: 'storage_failed' });
    await Promise.all([first.close(), second.close()]);
    await server.restart();
    const third = open();
    expect(await third.get('shared')).toBeUndefined();
    await third.close();
  });
});
