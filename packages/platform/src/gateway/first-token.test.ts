import { afterEach, describe, expect, it } from 'vitest';
import { answerEvents, answerJson, type FakeHandler, startFakeUpstream } from '../../../../test/conformance/fake-upstream.ts';
import { createPlayedEngine } from './__fixtures__/played-engine.ts';
import { attemptOf, engineAt, entryOf, startTestGateway, type TestGateway } from './__fixtures__/test-gateway.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const answer = {
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'served-name',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
};
const chunk = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'served-name' };
const STREAM = [
  `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }] })}\n\n`,
  `data: ${JSON.stringify({ ...chunk, choices: [], usage: answer.usage })}\n\n`,
  'data: [DONE]\n\n',
];
const hello = { model: 'sim-8b', messages: [{ role: 'user', content: 'Hi' }] };

async function start(handler: FakeHandler): Promise<TestGateway> {
  const upstream = await startFakeUpstream(handler);
  const engine = engineAt(upstream.url);
  const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)] });
  closers.push(
    () => gateway.close(),
    () => engine.close(),
    () => upstream.close(),
  );
  return gateway;
}

/** What the router is told, and what stands in the span of the attempt. */
const timesOf = ({ log }: TestGateway) => ({
  told: log.outcomes.map(({ ttftMs, durationMs }) => ({ ttftMs, durationMs })),
  span: log.spans.find(({ kind }) => kind === 'engine')?.attributes['ttftMs'],
});

describe('the time to the first token', () => {
  it('is that of a stream', async () => {
    const gateway = await start((_request, response) => answerEvents(response, STREAM));

    await (await gateway.post('/v1/chat/completions', { ...hello, stream: true })).text();

    const { told, span } = timesOf(gateway);
    expect(told).toEqual([{ ttftMs: expect.any(Number), durationMs: expect.any(Number) }]);
    expect(span).toBe(told[0]?.ttftMs);
  });

  it('is unknown of an answer that came as a whole, which has its duration only', async () => {
    const gateway = await start((_request, response) => answerJson(response, answer));

    await (await gateway.post('/v1/chat/completions', hello)).text();

    expect(timesOf(gateway)).toEqual({ told: [{ ttftMs: undefined, durationMs: expect.any(Number) }], span: undefined });
    expect(gateway.log.spans.find(({ kind }) => kind === 'engine')?.attributes).not.toHaveProperty('ttftMs');
  });

  it('is unknown of a stream that was collected into one answer', async () => {
    const gateway = await start((_request, response) => answerEvents(response, STREAM));

    await (await gateway.post('/v1/chat/completions', hello)).text();

    expect(timesOf(gateway)).toEqual({ told: [{ ttftMs: undefined, durationMs: expect.any(Number) }], span: undefined });
  });

  it('is unknown of sound', async () => {
    const engine = createPlayedEngine({ pass: { type: 'audio/mpeg', chunks: [Buffer.from([1, 2]), Buffer.from([3])] } });
    const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)], entries: [entryOf('sim-8b', { capabilities: ['speech'] })] });
    closers.push(() => gateway.close());

    await (await gateway.post('/v1/audio/speech', { model: 'sim-8b', input: 'hello', voice: 'a' })).arrayBuffer();

    expect(timesOf(gateway)).toEqual({ told: [{ ttftMs: undefined, durationMs: expect.any(Number) }], span: undefined });
  });
});
