import { isPlatformError } from '@maru/api/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamReader } from './stream-reader.ts';

const event = (value: object, end = '\n\n'): string => `data: ${JSON.stringify(value)}${end}`;
const delta = (content: string, end?: string): string => event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }, end);
const usage = { prompt_tokens: 3, completion_tokens: 2 };
const usageEvent = event({ choices: [], usage });

interface Read {
  readonly text: string;
  readonly done: boolean;
  readonly reader: StreamReader;
}

/** Reads a stream cut at these places. */
function readAll(stream: string, cuts: readonly number[] = [], wantsUsage = false): Read {
  const reader = new StreamReader(wantsUsage);
  const bytes = Buffer.from(stream);
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((left, right) => left - right);
  const out: Buffer[] = [];
  let done = false;
  for (let index = 0; index + 1 < places.length; index += 1) {
    const stretch = reader.push(bytes.subarray(places[index], places[index + 1]));
    if (stretch === undefined) continue;
    out.push(stretch.bytes);
    done ||= stretch.done;
  }
  return { text: Buffer.concat(out).toString('utf8'), done, reader };
}

describe('StreamReader', () => {
  it('gives the same bytes and the same usage wherever the packets are cut', () => {
    const contents = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 8 });
    fc.assert(
      fc.property(contents, fc.array(fc.nat(), { maxLength: 12 }), fc.constantFrom('\n\n', '\r\n\r\n'), fc.boolean(), (texts, cuts, end, wantsUsage) => {
        const body = texts.map((text) => delta(text, end)).join('');
        const stream = `: ping${end}${body}${event({ choices: [], usage }, end)}data: [DONE]${end}`;

        const read = readAll(stream, cuts, wantsUsage);

        expect(read.text).toBe(`: ping${end}${body}${wantsUsage ? event({ choices: [], usage }, end) : ''}`);
        expect(read.done).toBe(true);
        expect(read.reader.usage).toEqual(usage);
      }),
      { numRuns: 300 },
    );
  });

  it('never gives half an event', () => {
    const stream = delta('one') + delta('two');
    for (let length = 0; length < stream.length; length += 1) {
      expect(readAll(stream.slice(0, length)).text).toBe(length < delta('one').length ? '' : delta('one'));
    }
  });

  it.each([
    ['a role', { delta: { role: 'assistant' }, finish_reason: null }, false],
    ['an empty text', { delta: { role: 'assistant', content: '' }, finish_reason: null }, false],
    ['no delta', { finish_reason: null }, false],
    ['an empty list of tool calls', { delta: { tool_calls: [] }, finish_reason: null }, false],
    ['a text', { delta: { content: 'x' }, finish_reason: null }, true],
    ['reasoning', { delta: { reasoning_content: 'x' }, finish_reason: null }, true],
    ['a tool call', { delta: { tool_calls: [{ index: 0 }] }, finish_reason: null }, true],
    ['a field of tomorrow', { delta: { hologram: {} }, finish_reason: null }, true],
    ['a finish reason', { delta: {}, finish_reason: 'stop' }, true],
    ['a completion', { text: 'x', finish_reason: null }, true],
  ])('knows whether a client sees something: %s', (_name, choice, visible) => {
    expect(readAll(event({ choices: [choice] })).reader.visible).toBe(visible);
  });

  it('is not fooled by text that looks like the frame', () => {
    const tricky = delta('"usage":{"prompt_tokens":1} "error" data: [DONE]\n\ndata: [DONE]');

    const read = readAll(delta('a') + tricky + delta('b'));

    expect(read.text).toBe(delta('a') + tricky + delta('b'));
    expect(read.done).toBe(false);
    expect(read.reader.usage).toBeUndefined();
  });

  it('keeps events with usage and text, also when the client did not ask', () => {
    const both = event({ choices: [{ index: 0, delta: { content: 'x' } }], usage });

    const read = readAll(both);

    expect(read.text).toBe(both);
    expect(read.reader.usage).toEqual(usage);
  });

  it('passes a usage of null by', () => {
    const empty = event({ choices: [{ index: 0, delta: { content: 'x' } }], usage: null });

    expect(readAll(empty + empty).reader.usage).toBeUndefined();
  });

  it('stops before an error event', () => {
    const reader = new StreamReader(false);

    const stretch = reader.push(Buffer.from(`${delta('x')}${event({ error: { message: 'out of memory', code: 500 } })}`));

    expect(stretch?.bytes.toString()).toBe(delta('x'));
    expect(stretch?.error?.message).toContain('out of memory');
    expect(stretch?.error?.details).toEqual({ upstreamCode: 500 });
  });

  it('reads the older form of error events, too', () => {
    expect(new StreamReader(false).push(Buffer.from(event({ object: 'error', message: 'bad', code: 400 })))?.error?.message).toContain('bad');
  });

  it('estimates tokens from events and from text', () => {
    const many = readAll(Array.from({ length: 40 }, () => delta('ab')).join(''));
    const long = readAll(delta('a') + delta('x'.repeat(4000)));

    expect(many.reader.estimatedTokens).toBe(40);
    expect(long.reader.estimatedTokens).toBeGreaterThan(900);
    expect(long.reader.estimatedTokens).toBeLessThan(1100);
    expect(readAll(usageEvent).reader.estimatedTokens).toBe(0);
  });

  it('refuses an event without an end instead of filling the memory', () => {
    const reader = new StreamReader(false);
    const push = (): void => {
      for (let count = 0; count < 100; count += 1) reader.push(Buffer.alloc(64 * 1024, 120));
    };

    expect(push).toThrow('more than');
  });

  it.each(['data: {nonsense\n\n', 'data: 5\n\n', 'data: null\n\n'])('calls %j garbage', (text) => {
    let thrown: unknown;
    try {
      readAll(text);
    } catch (error) {
      thrown = error;
    }
    expect(isPlatformError(thrown, 'upstream_garbage')).toBe(true);
  });
});
