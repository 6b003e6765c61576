import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readStream, readWhole } from './read-answer.ts';

async function* bytes(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}
const event = (data: object | string): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const counter = (): (() => number) => {
  let now = 0;
  return () => {
    now += 10;
    return now;
  };
};
const text = (value: string, finish_reason: string | null = null): object => ({ choices: [{ text: value, finish_reason }] });
const delta = (value: object): object => ({ choices: [{ delta: value, finish_reason: null }] });

describe('reading a streamed answer', () => {
  it('notes when each chunk with something to read came, and takes the counts of the server', async () => {
    const usage = { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } };
    const facts = await readStream(
      bytes(event(text('a')), event(text('b')), event(text('', 'length')), event({ choices: [], usage }), event('[DONE]')),
      counter(),
    );

    expect(facts).toMatchObject({ inputTokens: 7, outputTokens: 3, cachedTokens: 4 });
    expect(facts.chunkMs).toHaveLength(2);
  });

  // Recorded from transformers serve 5.17.0 with a tiny random model, 2026-11-21: no [DONE], and the counts in the last chunk.
  it.each([
    ['transformers-serve-chat', 6],
    ['transformers-serve-completions', 6],
  ])('reads what a real server sends: %s', async (name, inputTokens) => {
    const recorded = readFileSync(new URL(`../__fixtures__/${name}.txt`, import.meta.url), 'utf8');
    const facts = await readStream(bytes(recorded), counter());

    expect(facts).toMatchObject({ outputTokens: 6, cachedTokens: undefined });
    expect(facts.inputTokens).toBeGreaterThanOrEqual(inputTokens);
    expect(facts.chunkMs).toHaveLength(6);
  });

  it('does not take the role of a chat for a token, but reasoning and tool calls', async () => {
    const stream = bytes(
      event(delta({ role: 'assistant', content: '' })),
      event(delta({ reasoning_content: 'hm' })),
      event(delta({ content: 'Hi' })),
      event(delta({ tool_calls: [{ index: 0 }] })),
      event({ choices: [{ delta: {}, finish_reason: 'stop' }] }),
      event('[DONE]'),
    );

    expect((await readStream(stream, counter())).chunkMs).toHaveLength(3);
  });

  it('takes the first chunk when the tokens of an answer have no text', async () => {
    const stream = bytes(event(text('')), event(text('', 'length')), event({ usage: { completion_tokens: 2 } }), event('[DONE]'));

    expect((await readStream(stream, counter())).chunkMs).toEqual([10]);
  });

  it('reads events that are cut anywhere', async () => {
    const whole = `${event(text('한글'))}${event(text('b', 'stop'))}${event('[DONE]')}`;
    const buffer = Buffer.from(whole);
    async function* single(): AsyncGenerator<Uint8Array> {
      for (const byte of buffer) yield Uint8Array.of(byte);
    }

    expect((await readStream(single(), counter())).chunkMs).toHaveLength(2);
  });

  it.each([
    ['a stream that just ends', [event(text('a'))], 'upstream_cut'],
    ['an empty stream', [], 'upstream_cut'],
    ['an event that is not JSON', [event('hello')], 'upstream_garbage'],
    ['an event of another shape', [event({ choices: 'x' })], 'upstream_garbage'],
    ['an error in the stream', [event(text('a')), event({ error: { message: 'out of memory' } })], 'upstream_rejected'],
  ])('refuses %s', async (_, parts, code) => {
    await expect(readStream(bytes(...parts), counter())).rejects.toMatchObject({ code });
  });
});

describe('reading an answer in one piece', () => {
  it('has one time and the counts', async () => {
    const facts = await readWhole(bytes('{"choices":[{"text":"abc"}],', '"usage":{"prompt_tokens":5,"completion_tokens":2}}'), counter());

    expect(facts).toEqual({ chunkMs: [10], inputTokens: 5, outputTokens: 2, cachedTokens: undefined });
  });

  it.each(['', '<html>', '{}', '{"choices":null}'])('refuses %j', async (body) => {
    await expect(readWhole(bytes(body), counter())).rejects.toMatchObject({ code: 'upstream_garbage' });
  });
});
