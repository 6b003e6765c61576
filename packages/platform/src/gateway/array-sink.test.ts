import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { createPlayedEngine, type Play } from './__fixtures__/played-engine.ts';
import { attemptOf, startTestGateway } from './__fixtures__/test-gateway.ts';
import { chatEvents, geminiEvents } from './__fixtures__/wire-samples.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function ask(play: Play, own: boolean, query = ''): Promise<string> {
  const engine = createPlayedEngine({ speaks: [own ? 'gemini' : 'openai-chat'], play });
  const gateway = await startTestGateway({ attempts: () => [attemptOf(engine)] });
  closers.push(() => gateway.close());
  const response = await gateway.post(`/v1beta/models/sim-8b:streamGenerateContent${query}`, { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] });
  return response.text();
}

interface Item {
  readonly candidates: readonly { readonly content?: { readonly parts: readonly { readonly text: string }[] } }[];
}
const textOf = (items: readonly Item[]): string => items.map((item) => item.candidates[0]?.content?.parts.map((part) => part.text).join('') ?? '').join('');

describe('a stream of Gemini without alt=sse', () => {
  it('is one JSON array, from an engine of its own format', async () => {
    const items = JSON.parse(await ask({ chunks: geminiEvents }, true)) as Item[];

    expect(items).toHaveLength(3);
    expect(textOf(items)).toBe('Hello 세계');
  });

  it('is one JSON array, from an engine of another format', async () => {
    expect(textOf(JSON.parse(await ask({ chunks: chatEvents }, false)) as Item[])).toBe('Hello');
  });

  it('is no JSON when it was cut', async () => {
    const text = await ask({ chunks: geminiEvents.slice(0, 2), fault: new PlatformError('upstream_cut', { message: 'cut' }) }, true);

    expect(text).toContain('"error"');
    expect(() => JSON.parse(text) as unknown).toThrow();
  });

  it('is a stream of events where that is asked for', async () => {
    expect(await ask({ chunks: geminiEvents }, true, '?alt=sse')).toBe(geminiEvents.join(''));
  });
});
