import { afterEach, describe, expect, it } from 'vitest';
import { createScriptedEngine } from './__fixtures__/scripted-engine.ts';
import { attemptOf, startTestGateway, type TestGateway } from './__fixtures__/test-gateway.ts';

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(captureContent: boolean): Promise<TestGateway> {
  const gateway = await startTestGateway({ attempts: () => [attemptOf(createScriptedEngine('e0', 'ok'))], captureContent });
  closers.push(() => gateway.close());
  return gateway;
}

const messages = [{ role: 'user', content: 'my secret' }];

describe('the content of a request', () => {
  it('stays out of the spans by default', async () => {
    const gateway = await start(false);

    await (await gateway.post('/v1/chat/completions', { model: 'auto', messages })).text();

    expect(JSON.stringify(gateway.log.spans)).not.toContain('my secret');
    expect(gateway.log.spans.every((span) => span.input === undefined && span.output === undefined)).toBe(true);
  });

  it('stands in the spans when its owner wants that', async () => {
    const gateway = await start(true);

    await (await gateway.post('/v1/chat/completions', { model: 'auto', messages })).text();

    for (const kind of ['gateway', 'engine']) {
      expect(gateway.log.spans.find((span) => span.kind === kind)).toMatchObject({ input: messages, output: { role: 'assistant', content: 'e0' } });
    }
  });

  it('is put together from a stream', async () => {
    const gateway = await start(true);

    await (await gateway.post('/v1/chat/completions', { model: 'auto', messages, stream: true })).text();

    expect(gateway.log.spans.find((span) => span.kind === 'gateway')).toMatchObject({ input: messages, output: 'e0e0' });
  });

  it('is left out where it is too large', async () => {
    const gateway = await start(true);

    await (await gateway.post('/v1/chat/completions', { model: 'auto', messages: [{ role: 'user', content: 'x'.repeat(100_000) }] })).text();

    expect(gateway.log.spans.find((span) => span.kind === 'gateway')?.input).toBeUndefined();
  });
});
