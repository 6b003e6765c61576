import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadFormat, type WireFormat } from '#formats';
import { anthropicEvents, chatEvents, geminiEvents, responsesEvents } from './__fixtures__/wire-samples.ts';
import { TranslateReader } from './translate-reader.ts';

const STREAMS: Readonly<Partial<Record<WireFormat, readonly string[]>>> = {
  'openai-chat': chatEvents,
  'anthropic-messages': anthropicEvents,
  'openai-responses': responsesEvents,
  gemini: geminiEvents,
};
const NAMES = Object.keys(STREAMS) as WireFormat[];
const END: Readonly<Partial<Record<WireFormat, string>>> = {
  'openai-chat': '[DONE]',
  'anthropic-messages': 'message_stop',
  'openai-responses': 'response.completed',
  gemini: 'finishReason',
};

async function readerOf(engine: WireFormat, client: WireFormat): Promise<() => TranslateReader> {
  const [from, to] = await Promise.all([loadFormat(engine), loadFormat(client)]);
  const context = { id: 'x1', createdS: 1, request: { model: 'm', messages: [], stream: true } };
  return () => new TranslateReader(from.createStreamDecoder(), to.createStreamEncoder(context));
}

describe('the reader that translates', () => {
  const pairs = fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...NAMES));

  it('writes the same wherever the packets are cut, and the end only at the end', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, fc.array(fc.nat(), { maxLength: 10 }), async ([engine, client], cuts) => {
        const make = await readerOf(engine, client);
        const bytes = Buffer.from((STREAMS[engine] ?? []).join(''));
        const read = (places: readonly number[]): string => {
          const reader = make();
          const all = [...new Set([0, ...places.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((left, right) => left - right);
          let text = '';
          let done = false;
          for (let index = 0; index + 1 < all.length; index += 1) {
            const stretch = reader.push(bytes.subarray(all[index], all[index + 1]));
            text += stretch?.bytes.toString() ?? '';
            done ||= stretch?.done ?? false;
          }
          const last = reader.end();
          text += last?.bytes.toString() ?? '';

          expect(done || last?.done).toBe(true);
          expect(text).not.toContain(END[client]);
          expect(reader.tail.toString()).toContain(END[client]);
          expect(reader.reported()).toMatchObject({ inputTokens: 6, cacheReadTokens: 4, outputTokens: 2 });
          return text + reader.tail.toString();
        };

        expect(read(cuts)).toBe(read([]));
      }),
      { numRuns: 60 },
    );
  });

  it('says what broke, and gives no end, wherever the stream ends early', async () => {
    for (const engine of NAMES) {
      const make = await readerOf(engine, 'anthropic-messages');
      const events = STREAMS[engine] ?? [];
      for (let count = 0; count < events.length - 1; count += 1) {
        const reader = make();
        reader.push(Buffer.from(events.slice(0, count).join('')));
        const last = reader.end();

        expect(last?.error?.code).toBe('upstream_cut');
        expect(last?.done).toBe(false);
      }
    }
  });

  it('sees nothing before the first token', async () => {
    const make = await readerOf('anthropic-messages', 'openai-chat');
    const reader = make();
    const seen = anthropicEvents.map((event) => reader.push(Buffer.from(event))?.visible ?? false);

    expect(seen.indexOf(true)).toBe(3);
    expect(reader.estimatedTokens).toBe(2);
  });

  it('takes garbage for garbage', async () => {
    const make = await readerOf('openai-chat', 'gemini');

    expect(make().push(Buffer.from('data: {nonsense\n\n'))?.error?.code).toMatch(/^upstream_(garbage|cut)$/);
  });
});
