import { describe, expect, it } from 'vitest';
import { createFlowControl, createRouter, type FlowSettings } from '#router';
import { createFakeClock, createSeededIds } from '#time';
import { type TestExchange, testExchange, testPool, toldHeader } from '../__fixtures__/test-picker.ts';
import type { PoolEndpoint } from '../ports.ts';
import { createPickQueue } from './pick-queue.ts';

const BODY = '{"messages":[{"role":"user","content":"hi"}],"max_tokens":8}';
const SETTINGS: FlowSettings = {
  saturation: { queueDepth: 5, kvUse: 0.8 },
  limits: { maxRequests: 3, maxBytes: 1_000_000, maxRequestsPerTenant: 2 },
  maxWaitMs: 10_000,
};

/** One replica whose report is in the test's hand, and several exchanges on one queue. */
function world() {
  const report = { running: 8, waiting: 9, kvUse: 0.5 };
  const endpoint: PoolEndpoint = {
    endpoint: '10.0.0.1:80',
    address: '10.0.0.1:80',
    load: () => ({ ...report, reports: 'fresh' }),
    reported: () => report,
  };
  const pool = testPool([endpoint]);
  const clock = createFakeClock();
  const router = createRouter({ clock, ids: createSeededIds() });
  const flow = createFlowControl(clock);
  const queue = createPickQueue({ flow, settings: SETTINGS, pool, router });
  const send = (headers: Readonly<Record<string, string>> = {}): TestExchange & { readonly done: Promise<void> } => {
    const each = testExchange(pool, { queue, router, clock });
    return { ...each, done: each.request(BODY, headers) };
  };
  return { report, pool, clock, flow, send };
}

const isSent = ({ sent }: TestExchange): boolean => toldHeader(sent[0], 'x-gateway-destination-endpoint') === '10.0.0.1:80';
const refusal = ({ sent }: TestExchange) => ({
  status: sent[0]?.immediateResponse?.status?.code,
  reason: toldHeader(sent[0], 'x-llm-d-request-dropped-reason'),
});

describe('requests that find all endpoints full', () => {
  it('wait, and go in the order of their priorities when there is room', async () => {
    const { report, clock, send } = world();
    const [low, usual, high] = [send({ 'x-gateway-inference-objective': 'sheddable' }), send(), send({ 'x-gateway-inference-objective': 'urgent' })];
    const order: string[] = [];
    const names = { low, usual, high };
    for (const [name, { done }] of Object.entries(names)) void done.then(() => order.push(name));
    await clock.advance(100);
    expect([low, usual, high].map(isSent)).toEqual([false, false, false]);
    report.waiting = 0;
    await clock.advance(100);
    await Promise.all([low.done, usual.done, high.done]);

    expect([low, usual, high].map(isSent)).toEqual([true, true, true]);
    expect(order).toEqual(['high', 'usual', 'low']);
  });

  it('are shed with the reason: too many of one tenant, a queue that is full, a time that is over', async () => {
    const { clock, send } = world();
    const greedy = [1, 2, 3].map(() => send({ 'x-gateway-inference-fairness-id': 'greedy' }));
    await greedy[2]?.done;
    expect(refusal(greedy[2] as TestExchange)).toEqual({ status: 429, reason: 'tenant-full' });
    const hasty = send({ 'x-gateway-inference-fairness-id': 'other', 'x-slo-ttft-ms': '50' });
    await clock.advance(60);
    await hasty.done;
    expect(refusal(hasty)).toEqual({ status: 503, reason: 'deadline' });
    await clock.advance(10_000);
    await Promise.all(greedy.map(({ done }) => done));

    expect(greedy.slice(0, 2).map(refusal)).toEqual([
      { status: 503, reason: 'deadline' },
      { status: 503, reason: 'deadline' },
    ]);
  });

  it('give their place up when the client goes, and are neither sent nor refused', async () => {
    const { report, clock, send, flow, pool } = world();
    const gone = send();
    await clock.advance(50);
    expect(flow.counts()).toMatchObject([{ priority: 0, waiting: 1 }]);
    gone.exchange.cancel();
    await gone.done;
    report.waiting = 0;
    await clock.advance(100);

    expect([gone.sent, gone.picks, pool.began]).toEqual([[], [], []]);
    expect(flow.counts().filter(({ waiting, gone: went }) => waiting + went > 0)).toEqual([]);
  });
});

describe('requests that find room', () => {
  it('go at once, and one that ends lets the next one look', async () => {
    const { report, send, flow } = world();
    report.waiting = 0;
    const first = send();
    await first.done;
    expect([isSent(first), flow.counts()]).toEqual([true, []]);
    report.waiting = 9;
    const second = send();
    report.waiting = 0;
    first.answer(200, '{"choices":[]}');
    await second.done;

    expect(isSent(second)).toBe(true);
  });
});
