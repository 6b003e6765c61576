import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { createEndpointStates } from '../state/endpoint-states.ts';
import type { OpenWork } from '../state/endpoint-work.ts';
import { learnHit } from '../state/learn.ts';
import { NOTHING_ELSEWHERE } from './elsewhere.ts';
import { createExchange } from './exchange.ts';
import { type ExchangeNews, formatLine, parseLine } from './exchange-line.ts';
import { LessonJournal } from './lesson-journal.ts';
import { PrefixJournal } from './prefix-journal.ts';

const clock = createFakeClock();

function routerCalled(name: string) {
  const lessons = new LessonJournal(100);
  const states = createEndpointStates({ maxBlocks: 1_000_000, maxEndpoints: 100, onLesson: (endpoint, lesson) => lessons.add({ endpoint, lesson }) });
  const exchange = createExchange({ clock, states, lessons });
  exchange.begin(name);
  const open = new Map<string, OpenWork>();
  const begin = (endpoint: string, id: string): void => {
    const work = { promptTokens: 1000, cachedTokens: 200, prefillMs: 50, told: true };
    open.set(id, states.named(endpoint).work.begin(work, clock.monotonicMs()));
  };
  const end = (endpoint: string, id: string): void => {
    const work = open.get(id);
    if (work !== undefined) states.named(endpoint).work.end(work, {}, clock.monotonicMs());
  };
  return { states, exchange, begin, end };
}

const lineOf = (router: ReturnType<typeof routerCalled>): string => router.exchange.next() ?? '';

describe('what routers tell each other', () => {
  it('is what they have in flight, of all others together', () => {
    const [a, b, c] = [routerCalled('a'), routerCalled('b'), routerCalled('c')];
    a.begin('x', '1');
    b.begin('x', '2');
    b.begin('y', '3');

    c.exchange.hear(lineOf(a));
    c.exchange.hear(lineOf(b));

    expect(c.exchange.elsewhere.of('x')).toMatchObject({
      inFlight: 2,
      prefilling: 2,
      prefillTokens: 1600,
      contextTokens: 2000,
      uncachedTokens: 1600,
      queueMs: 100,
    });
    expect(c.exchange.elsewhere.of('y')).toMatchObject({ inFlight: 1 });
    expect(c.exchange.elsewhere.of('z')).toEqual(NOTHING_ELSEWHERE);
    expect(c.exchange.peers().map(({ id, inFlight }) => [id, inFlight])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('ends with what was in flight', () => {
    const [a, b] = [routerCalled('a'), routerCalled('b')];
    a.begin('x', '1');
    b.exchange.hear(lineOf(a));

    a.end('x', '1');
    b.exchange.hear(lineOf(a));

    expect(b.exchange.elsewhere.of('x')).toEqual(NOTHING_ELSEWHERE);
  });

  it('counts once, however often and in whatever order it comes', () => {
    const [a, b] = [routerCalled('a'), routerCalled('b')];
    a.begin('x', '1');
    const first = lineOf(a);
    a.begin('x', '2');
    const second = lineOf(a);

    expect([b.exchange.hear(second), b.exchange.hear(first), b.exchange.hear(second)]).toEqual([true, false, false]);

    expect(b.exchange.elsewhere.of('x').inFlight).toBe(2);
    expect(a.exchange.hear(first)).toBe(false);
  });

  it('is made good by the next line where one was lost', () => {
    const [a, b] = [routerCalled('a'), routerCalled('b')];
    a.begin('x', '1');
    b.exchange.hear(lineOf(a));
    a.end('x', '1');
    lineOf(a);
    a.begin('y', '2');

    b.exchange.hear(lineOf(a));

    expect([b.exchange.elsewhere.of('x').inFlight, b.exchange.elsewhere.of('y').inFlight]).toEqual([0, 1]);
    expect(b.exchange.peers()[0]?.missed).toBe(1);
  });

  it('is forgotten of a router that has gone silent', async () => {
    const [a, b] = [routerCalled('a'), routerCalled('b')];
    a.begin('x', '1');
    b.exchange.hear(lineOf(a));

    await clock.advance(3001);

    expect(b.exchange.peers()).toEqual([]);
    expect(b.exchange.elsewhere.of('x').inFlight).toBe(0);
  });

  it('says nothing where nothing is new, but a sign of life', async () => {
    const a = routerCalled('a');
    expect(a.exchange.next()).toBeDefined();
    expect(a.exchange.next()).toBeUndefined();

    await clock.advance(500);

    expect(a.exchange.next()).toBeDefined();
  });

  it('is which prompts went where', () => {
    const [a, b] = [routerCalled('a'), routerCalled('b')];
    a.exchange.sent({ endpoint: 'x', hashes: [1, 2, 3] });
    b.exchange.hear(lineOf(a));

    expect(b.states.named('x').index.match([1, 2, 3, 4])).toBe(3);
    expect(b.states.named('y').index.match([1])).toBe(0);
  });

  it('is what they have learned of the endpoints, so that all of them expect the same', () => {
    const [a, b] = [routerCalled('a'), routerCalled('b')];
    const guess = b.states.named('x').work.rates;

    const { work } = a.states.named('x');
    for (let turn = 0; turn < 40; turn += 1) {
      const sentMs = turn * 1000;
      const open = work.begin({ promptTokens: 1000 + turn, cachedTokens: 0, prefillMs: 40, told: true }, sentMs);
      work.firstToken(open, sentMs + 200);
      work.end(open, { outputTokens: 11 }, sentMs + 700);
    }
    learnHit(a.states.named('x'), { promptTokens: 1000, matched: 900, expected: 900, realised: 600 });
    b.exchange.hear(lineOf(a));

    const learned = b.states.named('x');
    expect(learned.work.rates.prefillMsPerToken).toBeGreaterThan(guess.prefillMsPerToken * 1.5);
    expect(learned.work.rates.stepMs).toBeGreaterThan(guess.stepMs * 1.5);
    expect([learned.foundTokens, learned.computedTokens, learned.joined]).toEqual([600, 400, 0]);
    // What was heard is not told on.
    expect(JSON.parse(lineOf(b))).toMatchObject({ lessons: [] });
  });

  it('tells a newcomer what was believed before it came, in the order of use', () => {
    const [a, b] = [routerCalled('a'), routerCalled('b')];
    const hashes = Array.from({ length: 9000 }, (_, index) => index + 1);
    a.states.named('x').index.insert(hashes);
    a.begin('x', '1');

    const lines = a.exchange.whole();
    for (const line of lines) expect(b.exchange.hear(line)).toBe(true);

    expect(lines.length).toBe(3);
    expect(b.states.named('x').index.match(hashes)).toBe(9000);
    expect([...b.states.named('x').index.newest(3)]).toEqual([1, 2, 3]);
    expect(b.exchange.elsewhere.of('x').inFlight).toBe(1);
  });

  it('keeps what was heard of an endpoint when it is seen and says how much it holds', () => {
    const [a, b] = [routerCalled('a'), routerCalled('b')];
    a.exchange.sent({ endpoint: 'x', hashes: [1, 2, 3] });
    b.exchange.hear(lineOf(a));

    const state = b.states.of({ endpoint: 'x', kvTokens: 64 * 100, load: () => ({ running: 0, waiting: 0 }) });

    expect(state.index.capacity).toBe(100);
    expect(state.index.match([1, 2, 3])).toBe(3);
  });
});

describe('a line of the exchange', () => {
  const share = fc.record({
    inFlight: fc.nat(),
    prefilling: fc.nat(),
    prefillTokens: fc.nat(),
    queueMs: fc.nat(),
    contextTokens: fc.nat(),
    uncachedTokens: fc.nat(),
    prefillShare: fc.nat(3),
  });
  const endpoint = fc.string({ minLength: 1, maxLength: 20 });
  const figure = fc.nat(999_999);
  const anyLesson = fc.oneof(
    fc.record({ kind: fc.constantFrom('prefill' as const, 'step' as const), features: fc.tuple(figure, figure, figure), value: figure }),
    fc.record({ kind: fc.constant('hit' as const), features: fc.tuple(figure), value: figure }),
  );

  it('reads as it was written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(endpoint, share), { maxLength: 5 }),
        fc.array(fc.record({ endpoint, hashes: fc.array(fc.maxSafeNat(), { maxLength: 20 }).map((list) => Float64Array.from(list)) }), { maxLength: 5 }),
        fc.array(fc.record({ endpoint, lesson: anyLesson }), { maxLength: 5 }),
        (loads, prefixes, lessons) => {
          const news: ExchangeNews = { from: 'a', number: 7, whole: false, loads: new Map(loads), prefixes, lessons };
          expect(parseLine(formatLine(news))).toEqual(news);
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"v":2'],
    ['a number', '1'],
    ['null', 'null'],
    ['no sender', '{"v":2,"n":1,"loads":[],"prefixes":[],"lessons":[]}'],
    ['more than it may', '{"v":2,"from":"a","n":1,"loads":[],"prefixes":[],"lessons":[],"more":1}'],
    ['a lesson of no kind', '{"v":2,"from":"a","n":1,"loads":[],"prefixes":[],"lessons":[["x","speed",1,1]]}'],
    ['a lesson with too little', '{"v":2,"from":"a","n":1,"loads":[],"prefixes":[],"lessons":[["x","step",1,1]]}'],
    ['a lesson that is negative', '{"v":2,"from":"a","n":1,"loads":[],"prefixes":[],"lessons":[["x","hit",-1,1]]}'],
    ['a negative load', '{"v":2,"from":"a","n":1,"loads":[["x",-1]],"prefixes":[],"lessons":[]}'],
    ['hashes that are cut', `{"v":2,"from":"a","n":1,"loads":[],"lessons":[],"prefixes":[["x","${Buffer.alloc(7).toString('base64')}"]]}`],
    ['a hash that is not a number', `{"v":2,"from":"a","n":1,"loads":[],"lessons":[],"prefixes":[["x","${Buffer.alloc(8, 0xff).toString('base64')}"]]}`],
    ['too much', 'x'.repeat(4 * 1024 * 1024 + 1)],
  ])('is refused where it is %s', (_name, line) => {
    expect(() => parseLine(line)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('is refused by name where it is of another version', () => {
    expect(() => parseLine('{"v":1,"anything":true}')).toThrow(expect.objectContaining({ code: 'not_supported', details: { version: 1 } }));
  });
});

describe('the journal of prefixes', () => {
  it('lets the oldest go where there are too many, and counts them', () => {
    const journal = new PrefixJournal(10);
    for (const endpoint of ['a', 'b', 'c']) journal.add({ endpoint, hashes: [1, 2, 3, 4] });

    expect(journal.take().map(({ endpoint }) => endpoint)).toEqual(['b', 'c']);
    expect(journal.lost).toBe(4);
    expect(journal.take()).toEqual([]);
  });
});

describe('the journal of lessons', () => {
  const entry = (number: number) => ({ endpoint: `e${number}`, lesson: { kind: 'hit' as const, features: [10], value: number } });

  it('keeps nothing before somebody could listen', () => {
    const journal = new LessonJournal(10);
    journal.add(entry(1));
    journal.open();
    journal.add(entry(2));

    expect(journal.take()).toEqual([entry(2)]);
    expect(journal.take()).toEqual([]);
  });

  it('lets the oldest go where there are too many', () => {
    const journal = new LessonJournal(10);
    journal.open();
    for (let number = 0; number < 100; number += 1) journal.add(entry(number));

    const kept = journal.take();
    expect(kept.length).toBeLessThanOrEqual(10);
    expect(kept.at(-1)).toEqual(entry(99));
  });
});
