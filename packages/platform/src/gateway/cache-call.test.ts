import { afterEach, describe, expect, it } from 'vitest';
import { type GuardedGateway, type GuardedGatewayOptions, startGuardedGateway } from './__fixtures__/guarded-gateway.ts';
import { createPlayedEngine, type Play, type PlayedEngine } from './__fixtures__/played-engine.ts';
import { attemptOf } from './__fixtures__/test-gateway.ts';

const open: GuardedGateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

const answer = {
  id: 'c1',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
};
const chunk = (delta: object, finish: string | null = null): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } })}\n\n`;
const STREAM = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'hel' }), chunk({ content: 'lo' }), chunk({}, 'stop'), usage, 'data: [DONE]\n\n'];
const streamed: Play = { type: 'text/event-stream', chunks: STREAM };

async function start(play: Play, more: Partial<GuardedGatewayOptions> = {}): Promise<{ gateway: GuardedGateway; engine: PlayedEngine }> {
  const engine = createPlayedEngine({ play });
  const gateway = await startGuardedGateway({ attempts: () => [attemptOf(engine)], cache: {}, ...more });
  open.push(gateway);
  return { gateway, engine };
}

describe('a route with a cache', () => {
  it('asks an engine once, and gives the same bytes again', async () => {
    const { gateway, engine } = await start({ json: answer });

    const first = await gateway.chat({});
    const second = await gateway.chat({});

    expect(await second.text()).toBe(await first.text());
    expect([first.headers.get('x-maru-cache'), second.headers.get('x-maru-cache')]).toEqual(['miss', 'hit']);
    expect(second.headers.get('x-maru-cache-key')).toBe(first.headers.get('x-maru-cache-key'));
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    expect(engine.calls).toHaveLength(1);
  });

  it('charges a hit nothing, and says what it saved', async () => {
    const { gateway } = await start({ json: answer });
    await gateway.chat({});

    const hit = await gateway.chat({});
    await hit.text();

    expect(gateway.log.settled).toHaveLength(1);
    expect(gateway.log.released).toBe(1);
    expect(hit.headers.get('x-maru-cost-usd')).toBe('0');
    expect(hit.headers.get('x-maru-cache-saved-usd')).toBe('0.0015');
    expect(gateway.log.spans.filter((span) => span.kind === 'cache').map((span) => span.attributes)).toMatchObject([
      { result: 'miss' },
      { result: 'hit', how: 'exact', savedNanoUsd: 1_500_000 },
    ]);
    expect(JSON.stringify(gateway.log.spans)).not.toContain('hello');
  });

  it('charges a share of a hit where the route says so', async () => {
    const { gateway } = await start({ json: answer }, { cache: { chargePercent: 25 }, settle: (facts) => ({ costNanoUsd: 1_000_000 * (facts.share ?? 1) }) });
    await gateway.chat({});

    const hit = await gateway.chat({});

    expect(gateway.log.settled[1]).toMatchObject({ share: 0.25, outcome: 'ok', usage: { inputTokens: 10, outputTokens: 5 } });
    expect(hit.headers.get('x-maru-cost-usd')).toBe('0.00025');
    expect(hit.headers.get('x-maru-cache-saved-usd')).toBe('0.00075');
  });

  it('gives a stream again as a stream, to its end', async () => {
    const { gateway, engine } = await start(streamed);
    const first = await (await gateway.chat({ stream: true })).text();

    const second = await gateway.chat({ stream: true });

    expect(second.headers.get('content-type')).toContain('text/event-stream');
    expect(await second.text()).toBe(first);
    expect(first.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(engine.calls).toHaveLength(1);
    expect((await gateway.chat({})).headers.get('x-maru-cache')).toBe('miss');
  });

  it('never keeps an error, or an answer that was cut', async () => {
    for (const play of [
      { status: 500, json: { error: { message: 'no' } } },
      { type: 'text/event-stream', chunks: STREAM.slice(0, 3), fault: new TypeError('cut') },
    ] as const) {
      const { gateway, engine } = await start(play);
      await (await gateway.chat({ stream: 'chunks' in play })).text().catch(() => '');
      await (await gateway.chat({ stream: 'chunks' in play })).text().catch(() => '');

      expect(engine.calls).toHaveLength(2);
    }
  });

  it('takes its field out of what the engine sees, and follows it', async () => {
    const { gateway, engine } = await start({ json: answer });
    await gateway.chat({ cache: { 'no-store': true } });
    await gateway.chat({ cache: { 'no-cache': true } });
    const hit = await gateway.chat({ cache: { ttl: 60 } });
    const apart = await gateway.chat({ cache: { namespace: 'other' } });

    expect(engine.calls.map((call) => Buffer.from(call.body).toString()).join('')).not.toContain('cache');
    expect([hit.headers.get('x-maru-cache'), apart.headers.get('x-maru-cache')]).toEqual(['hit', 'miss']);
    const wrong = await gateway.chat({ cache: { ttl: 'soon' } });
    expect(wrong.status).toBe(400);
    expect(gateway.log.released).toBeGreaterThan(0);
  });

  it('is used only when asked for, where it is off by default', async () => {
    const { gateway } = await start({ json: answer }, { cache: { byDefault: false } });

    expect((await gateway.chat({})).headers.get('x-maru-cache')).toBeNull();
    expect((await gateway.chat({ cache: { 'use-cache': true } })).headers.get('x-maru-cache')).toBe('miss');
  });

  it('leaves requests with tools, and those that go on from an earlier response, alone', async () => {
    const { gateway } = await start({ json: answer });
    const tools = [{ type: 'function', function: { name: 'f' } }];

    expect((await gateway.chat({ tools })).headers.get('x-maru-cache')).toBeNull();
    expect((await gateway.chat({ previous_response_id: 'resp_1' })).headers.get('x-maru-cache')).toBeNull();
    expect((await gateway.chat({ model: 'agent/guide' })).headers.get('x-maru-cache')).toBeNull();
  });

  it('never gives a tenant the answer of another one', async () => {
    const principals = { a: { tenant: 'a', keyId: 'k1' }, b: { tenant: 'b', keyId: 'k2' } };
    const { gateway, engine } = await start({ json: answer }, { principals });

    await gateway.chat({}, { key: 'a' });
    const other = await gateway.chat({}, { key: 'b' });

    expect(other.headers.get('x-maru-cache')).toBe('miss');
    expect(engine.calls).toHaveLength(2);
  });

  it('lets equal requests at once share one call', async () => {
    const { gateway, engine } = await start(streamed);

    const answers = await Promise.all([1, 2, 3, 4].map(async () => (await gateway.chat({ stream: true })).text()));

    expect(new Set(answers).size).toBe(1);
    expect(engine.calls).toHaveLength(1);
    expect(gateway.log.settled).toHaveLength(1);
    expect(gateway.log.released).toBe(3);
  });
});
