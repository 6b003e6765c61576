import { isPlatformError } from '@maru/api/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadFormat, type WireFormat } from '#formats';
import { anthropicEvents, geminiEvents, responsesEvents } from './__fixtures__/wire-samples.ts';
import { GRAMMARS } from './event-grammar.ts';
import { EventReader } from './event-reader.ts';

const FORMATS: readonly (readonly [WireFormat, readonly string[], number])[] = [
  ['anthropic-messages', anthropicEvents, anthropicEvents.length - 1],
  ['openai-responses', responsesEvents, responsesEvents.length - 1],
  ['gemini', geminiEvents, geminiEvents.length - 1],
];

async function readerOf(name: WireFormat): Promise<() => EventReader> {
  const { readUsage } = await loadFormat(name);
  const grammar = GRAMMARS[name];
  if (grammar === undefined) throw new RangeError(name);
  return () => new EventReader({ grammar, readUsage });
}

interface Read {
  readonly text: string;
  readonly done: boolean;
  readonly error: unknown;
}

function readAll(reader: EventReader, bytes: Buffer, cuts: readonly number[]): Read {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((left, right) => left - right);
  let text = '';
  for (let index = 0; index + 1 < places.length; index += 1) {
    const stretch = reader.push(bytes.subarray(places[index], places[index + 1]));
    text += stretch?.bytes.toString('utf8') ?? '';
    if (stretch?.done === true || stretch?.error !== undefined) return { text, done: stretch.done, error: stretch.error };
  }
  const last = reader.end();
  return { text: text + (last?.bytes.toString('utf8') ?? ''), done: last?.done ?? false, error: last?.error };
}

describe.each(FORMATS)('the reader of %s', (name, events, finalAt) => {
  const whole = events.join('');

  it('gives all but the end, and the end apart, wherever the packets are cut', async () => {
    const make = await readerOf(name);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), (cuts, returns) => {
        const stream = returns ? whole.replaceAll('\n', '\r\n') : whole;
        const reader = make();

        const read = readAll(reader, Buffer.from(stream), cuts);

        expect(read.done).toBe(true);
        expect(read.text + reader.tail.toString('utf8')).toBe(stream);
        expect(reader.tail.length).toBeGreaterThan(0);
        expect(reader.reported()).toMatchObject({ inputTokens: 6, cacheReadTokens: 4, outputTokens: 2 });
      }),
      { numRuns: 100 },
    );
  });

  it('is not done before the end, and gives no half event', async () => {
    const make = await readerOf(name);
    const ends = events.map((_, index) => Buffer.byteLength(events.slice(0, index + 1).join('')));
    const bytes = Buffer.from(whole);
    for (let length = 0; length < bytes.length; length += 7) {
      const read = readAll(make(), bytes.subarray(0, length), []);
      const given = ends.slice(0, finalAt).findLast((end) => end <= length) ?? 0;

      expect(read.text).toBe(bytes.toString('utf8', 0, given));
      expect(read.done).toBe(false);
    }
  });

  it('sees nothing of the answer in its head, and something in its first token', async () => {
    const make = await readerOf(name);
    const reader = make();
    const seen = events.map((event) => reader.push(Buffer.from(event))?.visible);
    const first = seen.indexOf(true);

    expect(first).toBeGreaterThanOrEqual(name === 'gemini' ? 0 : 1);
    expect(seen.slice(first).every((visible) => visible === true)).toBe(true);
    expect(reader.estimatedTokens).toBeGreaterThan(0);
  });

  it('stops at an error of the engine', async () => {
    const make = await readerOf(name);
    const error =
      name === 'gemini'
        ? 'data: {"error":{"code":500,"message":"out of memory"}}\n\n'
        : 'event: error\ndata: {"type":"error","error":{"message":"out of memory"}}\n\n';

    const read = readAll(make(), Buffer.from(`${events[0]}${error}${whole}`), []);

    expect(read.text).toBe(events[0]);
    expect(isPlatformError(read.error, 'upstream_cut') && read.error.message).toContain('out of memory');
  });

  it('refuses what is not of the format', async () => {
    const make = await readerOf(name);

    expect(() => make().push(Buffer.from('event: message_start\ndata: <html>\n\n'))).toThrow('not');
  });

  it('lets comments and pings pass', async () => {
    const make = await readerOf(name);

    expect(make().push(Buffer.from(': ping\n\n'))).toMatchObject({ visible: false, done: false, error: undefined });
  });
});

describe('the reader of openai-responses', () => {
  it('takes a response that failed for an error', async () => {
    const make = await readerOf('openai-responses');
    const failed = `event: response.failed\ndata: ${JSON.stringify({ type: 'response.failed', response: { status: 'failed', error: { code: 'server_error', message: 'gone' } } })}\n\n`;

    expect(make().push(Buffer.from(failed))?.error?.message).toContain('gone');
  });

  it('takes an incomplete response for an answer', async () => {
    const make = await readerOf('openai-responses');
    const incomplete = `event: response.incomplete\ndata: ${JSON.stringify({ type: 'response.incomplete', response: { status: 'incomplete', usage: { input_tokens: 1, output_tokens: 2 } } })}\n\n`;

    expect(make().push(Buffer.from(incomplete))).toMatchObject({ done: true });
  });
});
