import { afterEach, describe, expect, it } from 'vitest';
import { createAnthropicEngine } from '#engines';
import { type FakeUpstream, startFakeUpstream } from '../../../../test/conformance/fake-upstream.ts';
import { attemptOf, startTestGateway } from './__fixtures__/test-gateway.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const event = (type: string, more: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const begin = event('message_start', {
  message: { id: 'm', type: 'message', role: 'assistant', model: 'x', content: [], stop_reason: null, usage: { input_tokens: 40, output_tokens: 1 } },
});
const word = event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'word ' } });

describe('a stream that breaks off', () => {
  it.each(['/v1/messages', '/v1/chat/completions'])('is charged for what passed, not for what its beginning has reported: %s', async (path) => {
    const upstream: FakeUpstream = await startFakeUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(begin + event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) + word.repeat(30));
    });
    const engine = createAnthropicEngine({
      endpoint: 'c-0',
      model: 'c',
      provider: 'anthropic',
      servedName: 'c',
      baseUrl: `${upstream.url}/v1`,
      timeoutMs: 5000,
    });
    const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)] });
    closers.push(
      () => gateway.close(),
      () => engine.close(),
      () => upstream.close(),
    );

    await (await gateway.post(path, { model: 'sim-8b', max_tokens: 99, stream: true, messages: [{ role: 'user', content: 'Hi' }] })).text();

    expect(gateway.log.settled).toMatchObject([{ outcome: 'error', estimated: true, usage: { inputTokens: 40 } }]);
    expect(gateway.log.settled[0]?.usage.outputTokens).toBeGreaterThanOrEqual(30);
  });
});
