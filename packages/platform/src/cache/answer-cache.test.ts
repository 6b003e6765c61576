import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLog } from '#telemetry';
import { createFakeClock } from '#time';
import { type CachePolicy, type CacheTurn, createAnswerCache } from './answer-cache.ts';
import type { AnswerStore } from './answer-store.ts';
import { createMemoryStore } from './memory-store.ts';
import type { Embedder } from './ports.ts';
import type { CacheRequest } from './request-key.ts';
import { answerOf, asking, textOf } from './test-answer.ts';

const signal = new AbortController().signal;
const plain = { noCache: false, noStore: false, use: false };
const policyOf = (more: Partial<CachePolicy> = {}): CachePolicy => ({
  store: 'memory',
  ttlMs: 60_000,
  scope: 'tenant',
  tools: false,
  singleFlight: true,
  maxAnswerBytes: 1000,
  ...more,
});

/** Words as axes: texts with the same words mean the same, whatever their order. */
const bagOfWords: Embedder = {
  name: 'words',
  embed: (text) => {
    const vector = new Float32Array(64);
    for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) vector[[...word].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 64] = 1;
    const length = Math.hypot(...vector) || 1;
    return Promise.resolve(vector.map((value) => value / length));
  },
};

function setUp(more: { store?: AnswerStore; policy?: Partial<CachePolicy> } = {}) {
  const clock = createFakeClock();
  const cache = createAnswerCache({ clock, log: silentLog, stores: { memory: more.store ?? createMemoryStore({ clock, maxBytes: 100_000 }) } });
  const policy = policyOf(more.policy);
  const ask = (request: CacheRequest, controls = {}, own = signal): Promise<CacheTurn> =>
    cache.open(request, { policy, controls: { ...plain, ...controls }, signal: own });
  /** Asks, and answers with this text on a miss. */
  const through = async (request: CacheRequest, text: string, controls = {}): Promise<string> => {
    const turn = await ask(request, controls);
    if (turn.kind === 'hit') return textOf(turn.answer);
    await turn.keep(answerOf(text, { createdMs: clock.nowMs() }));
    return text;
  };
  return { clock, cache, ask, through };
}

describe('the cache', () => {
  it('answers an equal request, and no other one', async () => {
    const { cache, through } = setUp();

    expect(await through(asking('one'), 'first')).toBe('first');
    expect(await through(asking('one'), 'second')).toBe('first');
    expect(await through(asking('two'), 'third')).toBe('third');
    expect(cache.stats()).toEqual({ hits: 1, misses: 2 });
  });

  it('never gives a tenant the answer of another one', async () => {
    const tenant = fc.constantFrom('a', 'b', 'a,b', '["a"]');
    const step = fc.record({
      tenant,
      key: fc.constantFrom('k1', 'k2'),
      user: fc.constantFrom('u1', 'u2', undefined),
      question: fc.constantFrom('what is a lease', 'a lease is what', 'something else'),
      namespace: fc.constantFrom(undefined, 'a', 'b'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.constantFrom('tenant', 'key', 'user'), async (steps, scope) => {
        const { through } = setUp({ policy: { scope, semantic: { embedder: bagOfWords, threshold: 0.9 } } });
        for (const { tenant: own, key, user, question, namespace } of steps) {
          const mark = JSON.stringify([own, scope === 'tenant' ? '' : key, scope === 'user' ? user : '', namespace]);

          const got = await through(asking(question, { tenant: own, keyId: key, user }), mark, namespace === undefined ? {} : { namespace });

          expect(got).toBe(mark);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('finds a question that means the same, and only with the same facts around it', async () => {
    const { ask, through } = setUp({ policy: { semantic: { embedder: bagOfWords, threshold: 0.95 } } });
    await through(asking('what is a lease'), 'a promise');

    expect(await ask(asking('a lease is what'))).toMatchObject({ kind: 'hit', how: 'semantic' });
    const withSystem = asking('', {
      body: {
        messages: [
          { role: 'system', content: 'be brief' },
          { role: 'user', content: 'a lease is what' },
        ],
      },
    });
    expect(await ask(withSystem)).toMatchObject({ kind: 'miss' });
    expect(await ask(asking('how long is a lease'))).toMatchObject({ kind: 'miss' });
  });

  it('forgets after its time, and answers only with what is young enough', async () => {
    const { clock, through } = setUp();
    await through(asking('one'), 'first', { ttlMs: 10_000 });
    await clock.advance(5000);

    expect(await through(asking('one'), 'fresh', { maxAgeMs: 4000 })).toBe('fresh');
    await clock.advance(60_000);
    expect(await through(asking('one'), 'later')).toBe('later');
  });

  it('neither reads nor keeps where the request says so', async () => {
    const { through } = setUp();
    await through(asking('one'), 'first', { noStore: true });

    expect(await through(asking('one'), 'second')).toBe('second');
    expect(await through(asking('one'), 'third', { noCache: true })).toBe('third');
    expect(await through(asking('one'), 'fourth')).toBe('third');
  });

  it('does not keep what is too large or calls tools', async () => {
    const { through } = setUp();
    const call = '{"choices":[{"message":{"tool_calls":[{"id":"a"}]}}]}';

    await through(asking('large'), 'x'.repeat(2000));
    await through(asking('tools'), call);

    expect(await through(asking('large'), 'again')).toBe('again');
    expect(await through(asking('tools'), 'again')).toBe('again');
    const allowed = setUp({ policy: { tools: true } });
    await allowed.through(asking('tools'), call);
    expect(await allowed.through(asking('tools'), 'again')).toBe(call);
  });

  it('goes on without a store that fails, and without one that is not there', async () => {
    const broken: AnswerStore = { get: () => Promise.reject(new Error('down')), set: () => Promise.reject(new Error('down')), close: () => Promise.resolve() };
    const { through } = setUp({ store: broken, policy: { singleFlight: false } });

    expect(await through(asking('one'), 'first')).toBe('first');
    expect(await through(asking('one'), 'second')).toBe('second');
    expect(await setUp({ policy: { store: 'redis' } }).through(asking('one'), 'third')).toBe('third');
  });

  it('goes on without an embedder that fails', async () => {
    const broken: Embedder = { name: 'broken', embed: () => Promise.reject(new Error('down')) };
    const { through } = setUp({ policy: { semantic: { embedder: broken, threshold: 0.9 } } });

    expect(await through(asking('one'), 'first')).toBe('first');
    expect(await through(asking('one'), 'second')).toBe('first');
  });
});

describe('equal requests at once', () => {
  it('share the answer of the first one', async () => {
    const { ask } = setUp();
    const first = await ask(asking('one'));
    const others = [ask(asking('one')), ask(asking('one'))];

    if (first.kind === 'miss') await first.keep(answerOf('shared'));

    for (const other of await Promise.all(others)) expect(other.kind === 'hit' && textOf(other.answer)).toBe('shared');
  });

  it('do not fail with the first one: exactly one of them asks next', async () => {
    const { ask } = setUp();
    const first = await ask(asking('one'));
    const turns: CacheTurn[] = [];
    const others = [1, 2, 3].map(() => ask(asking('one')).then((turn) => turns.push(turn)));

    if (first.kind === 'miss') first.leave();
    await Promise.race(others);
    await new Promise((resolve) => setImmediate(resolve));

    expect(turns.map((turn) => turn.kind)).toEqual(['miss']);
    if (turns[0]?.kind === 'miss') await turns[0].keep(answerOf('second try'));
    await Promise.all(others);
    expect(turns.map((turn) => turn.kind)).toEqual(['miss', 'hit', 'hit']);
  });

  it('lets one that goes away leave alone', async () => {
    const { ask } = setUp();
    const first = await ask(asking('one'));
    const gone = new AbortController();
    const other = ask(asking('one'), {}, gone.signal);
    const patient = ask(asking('one'));

    gone.abort(new DOMException('gone', 'AbortError'));

    await expect(other).rejects.toThrow('gone');
    if (first.kind === 'miss') await first.keep(answerOf('late'));
    expect((await patient).kind).toBe('hit');
  });

  it('do not share what may not be kept', async () => {
    const { ask } = setUp();
    const first = await ask(asking('one'), { noStore: true });
    const second = await ask(asking('one'));

    expect([first.kind, second.kind]).toEqual(['miss', 'miss']);
  });

  it('never share across tenants', async () => {
    const { ask } = setUp();
    await ask(asking('one', { tenant: 'a' }));

    expect((await ask(asking('one', { tenant: 'b' }))).kind).toBe('miss');
  });
});
