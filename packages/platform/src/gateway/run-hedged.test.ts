import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import { answerEvents, answerJson, type FakeHandler, type FakeUpstream, startFakeUpstream } from '../../../../test/conformance/fake-upstream.ts';
import { attemptOf, engineAt, startTestGateway, type TestGateway } from './__fixtures__/test-gateway.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const chunk = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
const good =
  (text: string): FakeHandler =>
  (request, response) =>
    request.body.includes('"stream":true')
      ? answerEvents(response, [chunk(text), chunk('', 'stop'), 'data: [DONE]\n\n'])
      : answerJson(response, {
          choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
          usage: { prompt_tokens: 5, completion_tokens: 2 },
        });

interface Held {
  readonly handler: FakeHandler;
  readonly asked: Promise<void>;
  release(): void;
}

/** An upstream that answers when it is let go. */
function held(then: FakeHandler): Held {
  let arrived = (): void => undefined;
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  let release = (): void => undefined;
  const free = new Promise<void>((resolve) => (release = resolve));
  return {
    asked,
    release: () => release(),
    handler: async (request, response) => {
      arrived();
      await free;
      await then(request, response);
    },
  };
}

async function start(first: FakeHandler, second: FakeHandler) {
  const clock = createFakeClock();
  const upstreams: FakeUpstream[] = [await startFakeUpstream(first), await startFakeUpstream(second)];
  const [one, two] = upstreams.map((upstream, index) => engineAt(upstream.url, `m${index}-0`));
  if (one === undefined || two === undefined) throw new TypeError('no engines');
  let hedges = 0;
  const gateway: TestGateway = await startTestGateway({
    clock,
    attempts: () => [attemptOf(one)],
    hedge: {
      afterMs: 100,
      next: () => {
        hedges += 1;
        return attemptOf(two);
      },
    },
  });
  closers.push(
    () => gateway.close(),
    () => one.close(),
    () => two.close(),
    ...upstreams.map((upstream) => () => upstream.close()),
  );
  return { clock, gateway, upstreams, hedges: () => hedges };
}

const ask = { model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }] };

describe('a hedged request', () => {
  it('asks nobody else when the first is quick', async () => {
    const { gateway, hedges } = await start(good('one'), good('two'));

    expect(await (await gateway.post('/v1/chat/completions', ask)).text()).toContain('one');
    expect(hedges()).toBe(0);
  });

  it.each([false, true])('takes the second when it is first, cancels the other one, and is charged once (streamed: %s)', async (stream) => {
    const slow = held(good('one'));
    const { clock, gateway, upstreams } = await start(slow.handler, good('two'));

    const asked = gateway.post('/v1/chat/completions', { ...ask, stream });
    await slow.asked;
    await clock.advance(101);
    const response = await asked;

    expect(await response.text()).toContain('two');
    expect(response.headers.get('x-maru-endpoint')).toBe('m1-0');
    await until(() => upstreams[0]?.aborted() === 1);
    expect(gateway.log.settled).toMatchObject([{ endpoint: 'm1-0', outcome: 'ok' }]);
    expect(gateway.log.released).toBe(0);
    await until(() => gateway.log.outcomes.length === 2);
    expect(gateway.log.outcomes.map((outcome) => [outcome.attempt.engine.endpoint, outcome.outcome]).sort()).toEqual([
      ['m0-0', 'cancelled'],
      ['m1-0', 'ok'],
    ]);
    slow.release();
  });

  it('takes the first when it wakes up before the second', async () => {
    const [slow, slower] = [held(good('one')), held(good('two'))];
    const { clock, gateway, upstreams } = await start(slow.handler, slower.handler);

    const asked = gateway.post('/v1/chat/completions', { ...ask, stream: true });
    await slow.asked;
    await clock.advance(101);
    await slower.asked;
    slow.release();

    expect(await (await asked).text()).toContain('one');
    await until(() => upstreams[1]?.aborted() === 1);
    expect(gateway.log.settled).toMatchObject([{ endpoint: 'm0-0' }]);
    slower.release();
  });

  it('waits for the other one when one fails', async () => {
    const failing = held((_request, response) => answerJson(response, { error: {} }, 500));
    const slower = held(good('two'));
    const { clock, gateway } = await start(failing.handler, slower.handler);

    const asked = gateway.post('/v1/chat/completions', ask);
    await failing.asked;
    await clock.advance(101);
    await slower.asked;
    failing.release();
    slower.release();

    expect(await (await asked).text()).toContain('two');
    expect(gateway.log.settled).toHaveLength(1);
  });

  it('fails when both fail, and charges nothing', async () => {
    const failing = held((_request, response) => answerJson(response, { error: { message: 'first' } }, 500));
    const { clock, gateway } = await start(failing.handler, (_request, response) => answerJson(response, { error: { message: 'second' } }, 503));

    const asked = gateway.post('/v1/chat/completions', ask);
    await failing.asked;
    await clock.advance(101);
    failing.release();

    expect([500, 503]).toContain((await asked).status);
    expect(gateway.log.settled).toEqual([]);
    expect(gateway.log.released).toBe(1);
  });

  it('cancels both when the client goes', async () => {
    const [slow, slower] = [held(good('one')), held(good('two'))];
    const { clock, gateway, upstreams } = await start(slow.handler, slower.handler);
    const controller = new AbortController();

    const asked = gateway.post('/v1/chat/completions', ask, { signal: controller.signal }).catch(() => undefined);
    await slow.asked;
    await clock.advance(101);
    await slower.asked;
    controller.abort();
    await asked;

    await until(() => upstreams.every((upstream) => upstream.aborted() === 1));
    await until(() => gateway.log.released === 1);
    slow.release();
    slower.release();
  });
});

/** Lets what is under way happen, until it has. */
async function until(happened: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5000 && !happened(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(happened()).toBe(true);
}
