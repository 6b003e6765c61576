import { afterEach, describe, expect, it } from 'vitest';
import { createPlayedEngine, type PlayedOptions } from './__fixtures__/played-engine.ts';
import { attemptOf, startTestGateway, type TestGateway } from './__fixtures__/test-gateway.ts';
import { defaultsIn, unsaid } from './request-defaults.ts';

const OPENAI_ANSWER = {
  id: 'x',
  object: 'chat.completion',
  created: 1,
  model: 'served-name',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};
const ANTHROPIC_ANSWER = {
  id: 'msg',
  type: 'message',
  role: 'assistant',
  model: 'served-name',
  content: [{ type: 'text', text: 'hi' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 1, output_tokens: 1 },
};
const CHAT = { model: 'auto', messages: [{ role: 'user', content: 'hello' }] };

describe('the defaults of a deployment', () => {
  let gateway: TestGateway | undefined;
  afterEach(async () => {
    await gateway?.close();
  });

  /** What the engine was asked. */
  const asked = async (request: {
    path: string;
    body: object;
    defaults: Record<string, unknown>;
    engine?: PlayedOptions;
  }): Promise<Record<string, unknown>> => {
    const engine = createPlayedEngine({ play: { json: OPENAI_ANSWER }, ...request.engine });
    gateway = await startTestGateway({ attempts: () => [attemptOf(engine, { defaults: request.defaults })] });
    const response = await gateway.post(request.path, request.body);
    expect(response.status).toBe(200);
    await response.text();
    const bytes = engine.calls[0]?.body ?? engine.passed[0]?.body;
    return JSON.parse(Buffer.from(bytes ?? Buffer.alloc(0)).toString('utf8')) as Record<string, unknown>;
  };

  it('are sent where the client says nothing, and the client wins where it does', async () => {
    const defaults = { temperature: 0.2, top_p: 0.9, chat_template_kwargs: { enable_thinking: false } };

    expect(await asked({ path: '/v1/chat/completions', body: { ...CHAT, temperature: null, top_p: 1 }, defaults })).toEqual({
      ...CHAT,
      model: 'served-name',
      temperature: null,
      top_p: 1,
      chat_template_kwargs: { enable_thinking: false },
    });
  });

  it('leave the bytes of the client as they were written', async () => {
    const engine = createPlayedEngine({ play: { json: OPENAI_ANSWER } });
    gateway = await startTestGateway({ attempts: () => [attemptOf(engine, { defaults: { seed: 7 } })] });

    await (await gateway.post('/v1/chat/completions', '{ "model":"auto",\t"temperature": 1.00, "messages":[{"role":"user","content":"\\u00e9"}] }')).text();

    expect(Buffer.from(engine.calls[0]?.body ?? []).toString()).toBe(
      '{"seed":7, "model":"served-name",\t"temperature": 1.00, "messages":[{"role":"user","content":"\\u00e9"}] }',
    );
  });

  it('know that a limit of tokens has two names', async () => {
    const body = { ...CHAT, max_completion_tokens: 5 };

    expect(await asked({ path: '/v1/chat/completions', body, defaults: { max_tokens: 100 } })).not.toHaveProperty('max_tokens');
  });

  it('reach engines of another format in their words', async () => {
    const engine: PlayedOptions = { speaks: ['anthropic-messages'], play: { json: ANTHROPIC_ANSWER } };

    expect(await asked({ path: '/v1/chat/completions', body: CHAT, defaults: { max_tokens: 77, stop: 'END' }, engine })).toMatchObject({
      max_tokens: 77,
      stop_sequences: ['END'],
    });
  });

  it('hold for clients of another format, whose words they are put into', async () => {
    const engine: PlayedOptions = { speaks: ['anthropic-messages'], play: { json: ANTHROPIC_ANSWER } };
    const body = { ...CHAT, max_tokens: 9 };

    const sent = await asked({ path: '/v1/messages', body, defaults: { stop: ['END'], temperature: 0.5, max_tokens: 77 }, engine });

    expect(sent).toEqual({ ...body, model: 'served-name', stop_sequences: ['END'], temperature: 0.5 });
  });

  it('hold for a client of another format than the engine', async () => {
    const body = { ...CHAT, max_tokens: 9 };

    const sent = await asked({ path: '/v1/messages', body, defaults: { temperature: 0.5, seed: 3, max_tokens: 77 } });

    expect(sent).toMatchObject({ temperature: 0.5, seed: 3 });
    expect(sent['max_tokens'] ?? sent['max_completion_tokens']).toBe(9);
  });

  it('reach operations that are only passed on, but no count of tokens', async () => {
    const engine = createPlayedEngine({ pass: { json: { results: [] } }, speaks: ['anthropic-messages'] });
    gateway = await startTestGateway({ attempts: () => [attemptOf(engine, { defaults: { return_documents: true } })] });

    await (await gateway.post('/v1/rerank', { model: 'auto', query: 'q', documents: ['a'] })).text();
    await (await gateway.post('/v1/messages/count_tokens', CHAT)).text();

    expect(engine.passed.map(({ body }) => JSON.parse(body.toString()) as object)).toEqual([
      { model: 'served-name', query: 'q', documents: ['a'], return_documents: true },
      { ...CHAT, model: 'served-name' },
    ]);
  });
});

describe('defaultsIn', () => {
  it('translates once, and leaves out what the format can not say', async () => {
    const defaults = { max_tokens: 5, logit_bias: { '1': 2 }, reasoning_effort: 'low' };

    const first = defaultsIn('anthropic-messages', defaults);

    expect(defaultsIn('anthropic-messages', defaults)).toBe(first);
    expect(Object.keys(await first)).not.toContain('logit_bias');
    expect(await defaultsIn('openai-responses', defaults)).toMatchObject({ max_output_tokens: 5, reasoning: { effort: 'low' } });
  });
});

describe('unsaid', () => {
  it('is what no name of the request says', () => {
    expect(unsaid({ a: 1, b: 2, max_tokens: 3 }, (name) => name === 'a' || name === 'max_completion_tokens')).toEqual({ b: 2 });
  });
});
