import { afterEach, describe, expect, it } from 'vitest';
import type { WireFormat } from '#formats';
import { createPlayedEngine, type Play } from './__fixtures__/played-engine.ts';
import { attemptOf, startTestGateway } from './__fixtures__/test-gateway.ts';
import { anthropicEvents, anthropicMessage, geminiAnswer, geminiEvents, responsesAnswer, responsesEvents } from './__fixtures__/wire-samples.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const messages = [{ role: 'user', content: 'Hi' }];
const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }];
const CALLS: readonly (readonly [WireFormat, string, object, Play, Play, unknown, string])[] = [
  [
    'anthropic-messages',
    '/v1/messages',
    { model: 'sim-8b', max_tokens: 9, messages },
    { json: anthropicMessage },
    { chunks: anthropicEvents },
    anthropicMessage.content,
    'Hello 세계',
  ],
  [
    'openai-responses',
    '/v1/responses',
    { model: 'sim-8b', input: 'Hi' },
    { json: responsesAnswer },
    { chunks: responsesEvents },
    responsesAnswer.output,
    'Hello',
  ],
  ['gemini', '/v1beta/models/sim-8b:', { contents }, { json: geminiAnswer }, { chunks: geminiEvents }, geminiAnswer.candidates[0]?.content, 'Hello 세계'],
];

describe.each(CALLS)('the trace of a call in %s', (format, path, body, whole, streamed, answer, text) => {
  const ask = async (play: Play, stream: boolean): Promise<{ input?: unknown; output?: unknown } | undefined> => {
    const engine = createPlayedEngine({ speaks: [format], play });
    const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)], captureContent: true });
    closers.push(() => gateway.close());
    const target = path.endsWith(':') ? `${path}${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}` : path;
    await (await gateway.post(target, stream && !path.endsWith(':') ? { ...body, stream: true } : body)).text();
    return gateway.log.spans.find((span) => span.kind === 'gateway');
  };

  it('keeps prompt and answer, where that is switched on', async () => {
    const span = await ask(whole, false);

    expect(JSON.stringify(span?.input)).toContain('Hi');
    expect(span?.output).toEqual(answer);
  });

  it('keeps the text of a stream', async () => {
    expect((await ask(streamed, true))?.output).toBe(text);
  });
});
