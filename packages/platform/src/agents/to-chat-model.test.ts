import { describe, expect, it } from 'vitest';
import { callModel } from './call-model.ts';
import type { ChatRequest } from './ports.ts';
import { type ChatCallRequest, toChatModel } from './to-chat-model.ts';

const request: ChatRequest = {
  model: 'auto',
  messages: [{ role: 'user', content: 'Hi' }],
  tools: [{ type: 'function', function: { name: 't', description: 'd', parameters: {} } }],
  temperature: 0,
  context: { tenant: 't', keyId: 'k', session: undefined, agent: 'a', runId: 'r', traceparent: 'tp' },
};
const signal = new AbortController().signal;

async function* bytes(text: string, size: number): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

const sse = (...chunks: unknown[]): string => chunks.map((chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`).join('');
const delta = (fields: object, finish: string | null = null): object => ({ choices: [{ index: 0, delta: fields, finish_reason: finish }] });

const ask = (text: string, { status = 200, size = 7 } = {}) => {
  const calls: ChatCallRequest[] = [];
  const models = toChatModel((call) => {
    calls.push(call);
    return Promise.resolve({ status, body: bytes(text, size) });
  });
  return { calls, reply: callModel(models, { request, signal }) };
};

describe('toChatModel', () => {
  it('sends an OpenAI request that streams and asks for its usage', async () => {
    const { calls, reply } = ask(sse(delta({ content: 'x' }), '[DONE]'));
    await reply;

    expect(JSON.parse(Buffer.from(calls[0]?.body ?? []).toString('utf8'))).toEqual({
      model: 'auto',
      messages: [{ role: 'user', content: 'Hi' }],
      tools: request.tools,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(calls[0]).toMatchObject({ headers: { traceparent: 'tp' }, context: { tenant: 't', keyId: 'k' } });
  });

  it('reads a stream that is cut anywhere, also inside a character', async () => {
    const stream = sse(
      delta({ role: 'assistant', content: '안녕' }),
      delta({ content: '하세요' }),
      delta({ tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 't', arguments: '{"a"' } }] }),
      delta({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }, 'tool_calls'),
      { choices: [], usage: { prompt_tokens: 5, completion_tokens: 3 } },
      '[DONE]',
    );

    for (const size of [1, 2, 3, 50, 10_000])
      expect(await ask(stream, { size }).reply).toEqual({
        content: '안녕하세요',
        toolCalls: [{ id: 'c', type: 'function', function: { name: 't', arguments: '{"a":1}' } }],
        finishReason: 'tool_calls',
        usage: { inputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 3, reasoningTokens: 0 },
      });
  });

  it('takes an answer that came whole', async () => {
    const whole = {
      choices: [{ message: { content: 'Hello', tool_calls: [{ id: 'c', function: { name: 't', arguments: '{}' } }] }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1 },
    };

    expect(await ask(JSON.stringify(whole)).reply).toMatchObject({
      content: 'Hello',
      toolCalls: [{ id: 'c' }],
      finishReason: 'stop',
      usage: { inputTokens: 1 },
    });
  });

  it('does not take a stream without an end for an answer', async () => {
    await expect(ask(sse(delta({ content: 'Half' }))).reply).rejects.toMatchObject({ code: 'upstream_cut' });
  });

  it('says what the model said when it refused', async () => {
    await expect(ask('{"error":{"message":"the model is sleeping","code":"x"}}', { status: 503 }).reply).rejects.toMatchObject({
      code: 'upstream_rejected',
      message: 'the model "auto" refused the request: the model is sleeping',
      details: { status: 503 },
    });
    await expect(ask('<html>', { status: 500 }).reply).rejects.toThrow('HTTP 500');
  });

  it('fails at an error in the middle of a stream', async () => {
    await expect(ask(sse(delta({ content: 'x' }), { error: { message: 'out of memory' } })).reply).rejects.toMatchObject({
      code: 'upstream_rejected',
      message: expect.stringContaining('out of memory'),
    });
  });

  it('fails at what is not a chat completion', async () => {
    for (const odd of [sse('not json'), sse({ choices: 'x' }), 'plain text', '', sse({ choices: [{ delta: { content: 7 } }] })])
      await expect(ask(odd).reply, odd).rejects.toMatchObject({ code: 'upstream_garbage' });
  });

  it('fails at an answer without end', async () => {
    const big = sse(delta({ content: 'x'.repeat(1_000_000) }));
    const models = toChatModel(() =>
      Promise.resolve({
        status: 200,
        body: (async function* () {
          for (;;) yield Buffer.from(big);
        })(),
      }),
    );

    await expect(callModel(models, { request, signal })).rejects.toMatchObject({ code: 'upstream_garbage' });
  });
});
