import { afterEach, describe, expect, it } from 'vitest';
import { type GuardedGateway, type GuardedGatewayOptions, startGuardedGateway } from './__fixtures__/guarded-gateway.ts';
import { createPlayedEngine, type Play, type PlayedEngine } from './__fixtures__/played-engine.ts';
import { attemptOf } from './__fixtures__/test-gateway.ts';

const open: GuardedGateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

const said = (content: string): Play => ({
  json: { choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }], usage: { prompt_tokens: 10, completion_tokens: 5 } },
});
const chunk = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
const streaming = (...texts: string[]): Play => ({
  type: 'text/event-stream',
  chunks: [...texts.map((text) => chunk(text)), chunk('', 'stop'), 'data: [DONE]\n\n'],
});
const pii = { name: 'pii', type: 'pii', at: ['before', 'during', 'after'] };
const words = { name: 'words', type: 'deny', at: ['before', 'during', 'after'], phrases: ['forbidden fruit'] };

async function start(play: Play, more: Partial<GuardedGatewayOptions> = {}): Promise<{ gateway: GuardedGateway; engine: PlayedEngine }> {
  const engine = createPlayedEngine({ play });
  const gateway = await startGuardedGateway({ attempts: () => [attemptOf(engine)], guardrails: [pii, words], ...more });
  open.push(gateway);
  return { gateway, engine };
}

const ask = (content: string): object => ({ messages: [{ role: 'user', content }] });
const engineSaw = (engine: PlayedEngine): string => engine.calls.map((call) => Buffer.from(call.body).toString()).join('\n');

describe('a route with guardrails', () => {
  it('hides what it masks from the engine, and gives it back to the client', async () => {
    const { gateway, engine } = await start(said('I wrote to <EMAIL_1>.'));

    const response = await gateway.chat(ask('write to jane@example.com'));

    expect(await response.text()).toContain('I wrote to jane@example.com.');
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0);
    expect(engineSaw(engine)).toContain('<EMAIL_1>');
    expect(engineSaw(engine)).not.toContain('jane');
  });

  it('gives it back in a stream, wherever the mark is cut', async () => {
    const { gateway } = await start(streaming('I wrote to <EM', 'AIL', '_1', '> today', '.'));

    const text = await (await gateway.chat({ ...ask('write to jane@example.com'), stream: true })).text();

    expect(text.replace(/data: .*?"content":"(.*?)".*\n\n/g, '$1')).toContain('I wrote to jane@example.com today.');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('refuses a prompt before it costs anything', async () => {
    const { gateway, engine } = await start(said('hi'));

    const response = await gateway.chat(ask('give me Forbidden  Fruit'));

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'content_blocked', details: { guardrail: 'words', stage: 'before' } } });
    expect(engine.calls).toHaveLength(0);
    expect([gateway.log.settled.length, gateway.log.released]).toEqual([0, 1]);
  });

  it('refuses an answer, which was made and is charged', async () => {
    const { gateway } = await start(said('have some forbidden fruit'));

    const response = await gateway.chat(ask('hi'));

    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('have some');
    expect(gateway.log.settled).toHaveLength(1);
  });

  it('breaks a stream off with an error, stops the engine, and charges what was made', async () => {
    const texts = [
      ...Array.from({ length: 40 }, () => 'some words that pass '),
      'and the forbidden fruit ',
      ...Array.from({ length: 40 }, () => 'and many more '),
    ];
    const { gateway, engine } = await start({ ...streaming(...texts), hangs: true });

    const response = await gateway.chat({ ...ask('hi'), stream: true });
    const text = await response.text();

    expect(response.status).toBe(200);
    expect(text).toContain('content_blocked');
    expect(text).not.toContain('forbidden fruit');
    expect(text).not.toContain('[DONE]');
    expect(engine.aborted()).toBe(1);
    expect(gateway.log.settled).toHaveLength(1);
  });

  it('answers with a plain error when the client has seen nothing of a stream', async () => {
    const { gateway } = await start(streaming('the forbidden fruit is here'));

    const response = await gateway.chat({ ...ask('hi'), stream: true });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'content_blocked' } });
  });

  it('writes decisions to the trace, without any text', async () => {
    const { gateway } = await start(said('mail <EMAIL_1>'));
    await (await gateway.chat(ask('jane@example.com'))).text();

    const spans = gateway.log.spans.filter((span) => span.kind === 'guardrail');

    expect(spans.map((span) => [span.attributes['guardrail'], span.attributes['stage'], span.attributes['result']])).toEqual([
      ['pii', 'before', 'masked'],
      ['words', 'before', 'passed'],
      ['pii', 'after', 'passed'],
      ['words', 'after', 'passed'],
    ]);
    expect(JSON.stringify(gateway.log.spans)).not.toContain('jane');
  });

  it('applies those that a request names, and refuses names that are not there', async () => {
    const { gateway, engine } = await start(said('ok'), { guardrails: [{ ...pii, default: false }] });

    await gateway.chat(ask('jane@example.com'));
    await gateway.chat({ ...ask('jane@example.com'), guardrails: ['pii'] });

    expect(Buffer.from(engine.calls[0]?.body ?? []).toString()).toContain('jane@example.com');
    expect(Buffer.from(engine.calls[1]?.body ?? []).toString()).toContain('<EMAIL_1>');
    expect(engineSaw(engine)).not.toContain('guardrails');
    expect((await gateway.chat({ guardrails: ['none'] })).status).toBe(400);
    expect((await gateway.chat({ guardrails: 'pii' })).status).toBe(400);
  });

  it('speaks the format of the client', async () => {
    const { gateway } = await start(
      {
        json: {
          id: 'm',
          type: 'message',
          role: 'assistant',
          model: 'x',
          content: [{ type: 'text', text: 'mail <EMAIL_1>' }],
          stop_reason: 'end_turn',
          usage: { input_tokens: 1, output_tokens: 1 },
        },
      },
      {
        attempts: () => [
          attemptOf(
            createPlayedEngine({
              speaks: ['anthropic-messages'],
              play: {
                json: {
                  id: 'm',
                  type: 'message',
                  role: 'assistant',
                  model: 'x',
                  content: [{ type: 'text', text: 'mail <EMAIL_1>' }],
                  stop_reason: 'end_turn',
                  usage: { input_tokens: 1, output_tokens: 1 },
                },
              },
            }),
          ),
        ],
      },
    );
    const post = (content: string): Promise<Response> =>
      gateway.send('/v1/messages', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'auto', max_tokens: 10, messages: [{ role: 'user', content }] }),
      });

    expect(await (await post('jane@example.com')).json()).toMatchObject({ content: [{ text: 'mail jane@example.com' }] });
    expect(await (await post('forbidden fruit')).json()).toMatchObject({ type: 'error', error: { type: expect.any(String) } });
  });

  it('keeps masked answers in the cache, so that everybody gets their own values back', async () => {
    const { gateway, engine } = await start(said('Dear <EMAIL_1>'), { cache: {} });

    const first = await (await gateway.chat(ask('I am jane@example.com'))).text();
    const second = await gateway.chat(ask('I am paul@example.com'));

    expect(first).toContain('Dear jane@example.com');
    expect(second.headers.get('x-maru-cache')).toBe('hit');
    expect(await second.text()).toContain('Dear paul@example.com');
    expect(engine.calls).toHaveLength(1);
  });

  it('does not keep an answer that it refused', async () => {
    const { gateway, engine } = await start(said('forbidden fruit'), { cache: {} });

    await gateway.chat(ask('hi'));
    await gateway.chat(ask('hi'));

    expect(engine.calls).toHaveLength(2);
  });
});
