import { afterEach, describe, expect, it } from 'vitest';
import type { WireFormat } from '#formats';
import { createPlayedEngine, type Play } from './__fixtures__/played-engine.ts';
import { attemptOf, startTestGateway, type TestGateway } from './__fixtures__/test-gateway.ts';
import {
  anthropicEvents,
  anthropicMessage,
  chatAnswer,
  chatEvents,
  geminiAnswer,
  geminiEvents,
  responsesAnswer,
  responsesEvents,
} from './__fixtures__/wire-samples.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(speaks: WireFormat, ...plays: readonly Play[]): Promise<TestGateway> {
  const engines = plays.map((play, index) => createPlayedEngine({ speaks: [speaks], play, endpoint: `played-${index}` }));
  const gateway = await startTestGateway({ attempts: () => engines.map((engine) => attemptOf(engine)) });
  closers.push(() => gateway.close());
  return gateway;
}

const messages = [{ role: 'user', content: 'Hi' }];
const gemini = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] };
const FORMATS = {
  'openai-chat': {
    plain: ['/v1/chat/completions', { model: 'sim-8b', messages }],
    stream: ['/v1/chat/completions', { model: 'sim-8b', messages, stream: true }],
    json: chatAnswer,
    events: chatEvents,
    end: 'data: [DONE]',
  },
  'anthropic-messages': {
    plain: ['/v1/messages', { model: 'sim-8b', max_tokens: 64, messages }],
    stream: ['/v1/messages', { model: 'sim-8b', max_tokens: 64, messages, stream: true }],
    json: anthropicMessage,
    events: anthropicEvents,
    end: 'event: message_stop',
  },
  'openai-responses': {
    plain: ['/v1/responses', { model: 'sim-8b', input: 'Hi' }],
    stream: ['/v1/responses', { model: 'sim-8b', input: 'Hi', stream: true }],
    json: responsesAnswer,
    events: responsesEvents,
    end: 'event: response.completed',
  },
  gemini: {
    plain: ['/v1beta/models/sim-8b:generateContent', gemini],
    stream: ['/v1beta/models/sim-8b:streamGenerateContent?alt=sse', gemini],
    json: geminiAnswer,
    events: geminiEvents,
    end: '"finishReason":"STOP"',
  },
} as const;
type Name = keyof typeof FORMATS;
const NAMES = Object.keys(FORMATS) as Name[];
const PAIRS = NAMES.flatMap((client) => NAMES.map((engine) => [client, engine] as const));
const usage = { inputTokens: 6, cacheReadTokens: 4, outputTokens: 2 };

describe.each(PAIRS)('a client of %s at an engine of %s', (clientName, engineName) => {
  const client = FORMATS[clientName];
  const engine = FORMATS[engineName];

  it('gets the stream that it asked for, where the engine answers with JSON', async () => {
    const gateway = await start(engineName, { json: engine.json });

    const response = await gateway.post(client.stream[0], client.stream[1]);
    const text = await response.text();

    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(text).toContain('Hello');
    expect(text.trimEnd().split('\n\n').at(-1)).toContain(client.end);
    expect(gateway.log.settled).toMatchObject([{ estimated: false, outcome: 'ok', usage }]);
  });

  it('gets the whole answer that it asked for, where the engine answers with a stream', async () => {
    const gateway = await start(engineName, { chunks: engine.events });

    const response = await gateway.post(client.plain[0], client.plain[1]);
    const text = await response.text();

    expect(response.headers.get('content-type')).toContain('application/json');
    expect(Object.keys(JSON.parse(text) as object)).toEqual(expect.arrayContaining(Object.keys(client.json).filter((key) => key !== 'stop_sequence')));
    expect(text).toMatch(/Hello/);
    expect(gateway.log.settled).toMatchObject([{ estimated: false, outcome: 'ok', usage }]);
  });

  it('never takes a cut stream for the whole answer', async () => {
    for (let count = 0; count < engine.events.length; count += 1) {
      const gateway = await start(engineName, { chunks: engine.events.slice(0, count) });

      const response = await gateway.post(client.plain[0], client.plain[1]);

      expect([count, response.status]).toEqual([count, 502]);
      expect(gateway.log).toMatchObject({ settled: [], released: 1 });
    }
  });
});

describe('an answer in the other shape', () => {
  it.each([
    ['JSON that is no answer', { json: { hello: 'there' } }],
    ['half of it', { json: undefined, type: 'application/json', chunks: ['{"choices":['] }],
  ])('goes to the next engine where it is %s', async (_name, play) => {
    const gateway = await start('openai-chat', play as Play, { chunks: chatEvents });

    const text = await (await gateway.post('/v1/chat/completions', { model: 'sim-8b', messages, stream: true })).text();

    expect(text).toContain('[DONE]');
    expect(gateway.log.settled).toMatchObject([{ endpoint: 'played-1' }]);
  });

  it('is not made of several choices, of which it would lose all but one', async () => {
    const gateway = await start('openai-chat', { json: chatAnswer });

    const response = await gateway.post('/v1/chat/completions', { model: 'sim-8b', messages, n: 2, stream: true });

    expect(response.status).toBe(502);
    expect(await response.text()).toContain('several choices');
  });
});

describe('several choices', () => {
  it.each([
    ['openai-chat', 'anthropic-messages', 'n'],
    ['openai-chat', 'gemini', 'n'],
    ['gemini', 'openai-chat', 'candidateCount'],
  ] as const)('of a client of %s are refused by name at an engine of %s', async (clientName, engineName, field) => {
    const gateway = await start(engineName, { json: FORMATS[engineName].json });
    const [path, body] = FORMATS[clientName].plain;

    const response = await gateway.post(path, clientName === 'gemini' ? { ...body, generationConfig: { candidateCount: 2 } } : { ...body, n: 2 });

    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(new RegExp(`${field}.*holds one choice`));
    expect(gateway.log).toMatchObject({ settled: [], released: 1 });
  });

  it('pass where client and engine share the format', async () => {
    const both = { ...chatAnswer, choices: [...chatAnswer.choices, { ...chatAnswer.choices[0], index: 1 }] };
    const gateway = await start('openai-chat', { json: both });

    const response = await gateway.post('/v1/chat/completions', { model: 'sim-8b', messages, n: 2 });

    expect(await response.json()).toEqual(both);
  });
});
