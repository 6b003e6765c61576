import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { isPlatformError } from '../../packages/api/src/errors/index.ts';
import {
  AnswerCollector,
  type AnswerContext,
  CAPABILITIES,
  type CanonicalAnswer,
  type CanonicalError,
  type CanonicalEvent,
  type CanonicalRequest,
  type Format,
  loadFormat,
  toEvents,
  type WireFormat,
} from '../../packages/platform/src/formats/index.ts';
import { answer, type ConversationOptions, conversation, jsonObject, SETTINGS, tools, usage } from './canonical-arbitraries.ts';

/** What is true of one format; absent switches are off. */
export interface FormatTraits extends ConversationOptions {
  /** The request as the format says it: what it adds to every request, and what it says in other words. */
  readonly spoken?: (request: CanonicalRequest) => CanonicalRequest;
  /** Settings that the format keeps in other words than it was given; each is tested in the format's own tests. */
  readonly rewords?: readonly (keyof typeof SETTINGS)[];
  /** Buckets of the usage that the format does not tell apart from another. */
  readonly mergesUsage?: (usage: NonNullable<CanonicalAnswer['usage']>) => CanonicalAnswer['usage'];
  /** Reasons to finish that the format does not tell apart from another. */
  readonly mergesFinish?: Readonly<Partial<Record<CanonicalAnswer['finishReason'], CanonicalAnswer['finishReason']>>>;
  /** Formats whose model and stream switch stand in the path. */
  readonly path?: { readonly model: string };
}

const RUNS = { numRuns: 60 };

/** The examination that every wire format sits: nothing is lost in silence, and no cut stream looks complete. */
export function describeFormat(name: WireFormat, traits: FormatTraits): void {
  describe(`wire format ${name}`, () => {
    let format: Format;
    beforeAll(async () => {
      format = await loadFormat(name);
    });

    const spoken = traits.spoken ?? ((request: CanonicalRequest) => request);
    const again = (request: CanonicalRequest): CanonicalRequest => {
      const { body } = format.encodeRequest(request);
      return format.decodeRequest(JSON.parse(JSON.stringify(body)), { model: request.model, stream: request.stream }).request;
    };
    const streamOf = (events: readonly CanonicalEvent[], request: CanonicalRequest = REQUEST): string => {
      const encoder = format.createStreamEncoder(contextOf(request));
      return events.map((event) => encoder.encode(event)).join('');
    };
    const read = (chunks: readonly Uint8Array[]): CanonicalEvent[] => {
      const decoder = format.createStreamDecoder();
      return [...chunks.flatMap((chunk) => decoder.push(chunk)), ...decoder.end()];
    };

    it('says of every capability whether and how it is kept', () => {
      expect(Object.keys(format.capabilities).sort()).toEqual(Object.keys(CAPABILITIES).sort());
      expect(Object.values(format.capabilities).every((how) => how.length > 1)).toBe(true);
    });

    it('keeps a conversation through a round trip', () => {
      fc.assert(
        fc.property(conversation(traits), fc.option(tools, { nil: undefined }), fc.boolean(), (messages, given, stream) => {
          const request: CanonicalRequest = {
            model: 'm',
            messages,
            ...(given === undefined ? {} : { tools: given }),
            maxTokens: 100,
            temperature: 0.5,
            stream,
          };

          expect(again(request)).toEqual(spoken(request));
          expect(format.encodeRequest(request).dropped).toEqual([]);
        }),
        RUNS,
      );
    });

    it.each(Object.entries(SETTINGS))('keeps %s, or names it', (setting, fields) => {
      const request: CanonicalRequest = { ...REQUEST, ...fields };
      const { dropped } = format.encodeRequest(request);

      if (format.capabilities[setting as keyof typeof SETTINGS] === 'no') {
        expect(dropped.map((item) => item.field)).toEqual(Object.keys(fields));
        expect(again(request)).toEqual(spoken(REQUEST));
      } else if (traits.rewords?.includes(setting as keyof typeof SETTINGS) !== true) {
        expect(dropped).toEqual([]);
        expect(again(request)).toEqual(spoken(request));
      }
    });

    it('names what only another format knows, and leaves it out', () => {
      const other: WireFormat = name === 'gemini' ? 'cohere-chat' : 'gemini';
      const foreign = { type: 'foreign', format: other, value: { secret: 'sauce' } } as const;
      const request: CanonicalRequest = {
        ...REQUEST,
        messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }, foreign] }],
        tools: [{ type: 'foreign', format: other, kind: 'googleSearch', value: { googleSearch: {} } }],
        extra: { format: other, fields: { safetySettings: [] } },
      };

      const { body, dropped } = format.encodeRequest(request);

      expect(dropped.map((item) => item.field).sort()).toEqual(['extra.safetySettings', 'messages[0].content[1]', 'tools[0]']);
      expect(dropped.every((item) => item.weight === 'meaning' && item.why.length > 5)).toBe(true);
      expect(JSON.stringify(body)).not.toMatch(/sauce|googleSearch|safetySettings/);
    });

    it("does not send a vendor another vendor's seal", () => {
      const other: WireFormat = name === 'anthropic-messages' ? 'gemini' : 'anthropic-messages';
      const thought = { type: 'reasoning', text: 'hm', seal: { format: other, kind: 'signature', value: 'SEALED' } } as const;
      const messages = [...REQUEST.messages, { role: 'assistant', content: [thought, { type: 'text', text: 'yes' }] }, ...REQUEST.messages] as const;

      const { body, dropped } = format.encodeRequest({ ...REQUEST, messages });

      expect(JSON.stringify(body)).not.toContain('SEALED');
      expect(dropped.map((item) => item.weight)).toEqual(['hint']);
    });

    it('refuses what is not of the format, and nothing else is thrown', () => {
      fc.assert(
        fc.property(fc.oneof(fc.jsonValue(), brokenRequest(format)), (value) => {
          try {
            format.decodeRequest(value, { model: 'm', stream: false });
          } catch (error) {
            expect(isPlatformError(error, 'invalid_request')).toBe(true);
          }
        }),
        { numRuns: 300 },
      );
    });

    it('keeps a whole answer through a round trip', () => {
      fc.assert(
        fc.property(answer(traits.sealedBy), (given) => {
          expect(comparable(decode(format, given))).toEqual(comparable(spokenAnswer(given, traits)));
        }),
        RUNS,
      );
    });

    it('streams the same answer as it gives whole', () => {
      fc.assert(
        fc.property(answer(traits.sealedBy), (given) => {
          const collector = new AnswerCollector();
          for (const event of read([Buffer.from(streamOf(toEvents(given)))])) collector.take(event);

          expect(collector.complete).toBe(true);
          expect(comparable(collector.answer)).toEqual(comparable(decode(format, given)));
        }),
        RUNS,
      );
    });

    it('brings a seal of another vendor to the client and back to its vendor', () => {
      const seal = { format: name === 'gemini' ? 'anthropic-messages' : 'gemini', kind: 'signature', value: 'c2Vh:bA==' } as const;
      const given: CanonicalAnswer = {
        ...ANSWER,
        parts: [
          { type: 'reasoning', text: 'hm', seal },
          { type: 'text', text: 'yes' },
        ],
      };

      expect(decode(format, given).parts[0]).toEqual({ type: 'reasoning', text: 'hm', seal });
      const collector = new AnswerCollector();
      for (const event of read([Buffer.from(streamOf(toEvents(given)))])) collector.take(event);
      expect(collector.answer.parts[0]).toEqual({ type: 'reasoning', text: 'hm', seal });
    });

    it('reads a stream the same wherever it is cut into chunks', () => {
      const bytes = Buffer.from(streamOf(toEvents(ANSWER)));
      const whole = JSON.stringify(read([bytes]));
      const places = placesIn(bytes.length + 1);

      expect(places.filter((at) => JSON.stringify(read([bytes.subarray(0, at), bytes.subarray(at)])) !== whole)).toEqual([]);
      expect(JSON.stringify(read([...bytes].map((byte) => Uint8Array.of(byte))))).toBe(whole);
    });

    it('reads line ends of all kinds and skips comments', () => {
      const stream = streamOf(toEvents(ANSWER));
      const whole = read([Buffer.from(stream)]);

      expect(read([Buffer.from(stream.replaceAll('\n', '\r\n'))])).toEqual(whole);
      expect(read([Buffer.from(stream.replaceAll('\n\n', '\n\n: keep-alive\n\n'))])).toEqual(whole);
    });

    it('never takes a cut stream for a complete one', () => {
      const bytes = Buffer.from(streamOf(toEvents(ANSWER)));
      const looksWhole = (length: number): boolean => {
        const last = read([bytes.subarray(0, length)]).at(-1);
        return last?.type !== 'error' || last.error.kind !== 'cut';
      };
      const lengths = placesIn(bytes.length);

      // Only the line end that closes the last event may be missing.
      expect(lengths.filter((length) => looksWhole(length) && bytes.subarray(length).toString().trim() !== '')).toEqual([]);
    });

    it('says that a stream is broken where it is not of the format', () => {
      expect(read([Buffer.from('data: {"half": \n\n')]).at(-1)).toMatchObject({ type: 'error', error: { kind: 'garbage' } });
      expect(read([Buffer.from('data: [1]\n\n')]).at(-1)).toMatchObject({ type: 'error', error: { kind: 'garbage' } });
      expect(read([Buffer.alloc(17 * 1024 * 1024, 'x')]).at(-1)).toMatchObject({ type: 'error', error: { kind: 'garbage' } });
      expect(read([]).at(-1)).toMatchObject({ type: 'error', error: { kind: 'cut' } });
    });

    it('ends every stream once, whatever bytes come', () => {
      const stream = Buffer.from(streamOf(toEvents(ANSWER)));
      fc.assert(
        fc.property(fc.nat(stream.length - 1), fc.uint8Array({ minLength: 1, maxLength: 6 }), (at, noise) => {
          const events = read([stream.subarray(0, at), noise, stream.subarray(at)]);
          const ends = events.filter((event) => event.type === 'end' || event.type === 'error');

          expect(ends).toHaveLength(1);
          expect(events.at(-1)).toBe(ends[0]);
        }),
        { numRuns: 200 },
      );
    });

    it('tells a client of a broken stream, and does not complete it', () => {
      const error: CanonicalError = { kind: 'cut', status: 502, message: 'the engine broke off' };
      const broken: CanonicalEvent[] = [...toEvents(ANSWER).filter((event) => event.type !== 'end' && event.type !== 'finish'), { type: 'error', error }];

      const last = read([Buffer.from(streamOf(broken))]).at(-1);

      expect(last).toMatchObject({ type: 'error', error: { message: 'the engine broke off' } });
    });

    it('keeps the kind of an error', () => {
      for (const [kind, status] of [
        ['rate-limit', 429],
        ['authentication', 401],
        ['not-found', 404],
        ['invalid-request', 400],
      ] as const) {
        const body = JSON.parse(JSON.stringify(format.encodeError({ kind, status, message: 'no' }))) as unknown;

        expect(format.decodeError(status, body)).toMatchObject({ kind, status, message: 'no' });
      }
      expect(format.decodeError(400, format.encodeError({ kind: 'context-length', status: 400, message: 'prompt is too long: 9 tokens' })).kind).toBe(
        'context-length',
      );
      expect(format.decodeError(502, '<html>')).toMatchObject({ kind: 'server', status: 502 });
      expect(format.decodeError(503, undefined)).toMatchObject({ kind: 'overloaded' });
    });

    it('partitions the usage: no token is counted twice or lost', () => {
      fc.assert(
        fc.property(usage, (counts) => {
          expect(decode(format, { ...ANSWER, usage: counts }).usage).toEqual((traits.mergesUsage ?? ((same) => same))(counts));
        }),
        RUNS,
      );
      expect(format.readUsage(undefined)).toBeUndefined();
      expect(format.readUsage({})).toBeUndefined();
    });

    it('refuses an answer that is not of the format', () => {
      for (const value of [null, [], 'text', { hello: 'world' }]) {
        let thrown: unknown;
        try {
          format.decodeAnswer(value);
        } catch (error) {
          thrown = error;
        }
        expect(isPlatformError(thrown, 'upstream_garbage')).toBe(true);
      }
    });
  });
}

const REQUEST: CanonicalRequest = {
  model: 'm',
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
  tools: [{ type: 'function', name: 'weather', parameters: { type: 'object', properties: {} } }],
  maxTokens: 4000,
  stream: false,
};

const ANSWER: CanonicalAnswer = {
  id: 'vendor-1',
  model: 'vendor-model',
  parts: [
    { type: 'text', text: 'In 서울 it is "warm"\n' },
    { type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{"city":"서울"}' },
    { type: 'tool-call', id: 'call_2', name: 'time', arguments: '{}' },
  ],
  finishReason: 'tool-calls',
  usage: { inputTokens: 5, cacheReadTokens: 3, cacheWriteTokens: 0, outputTokens: 7, reasoningTokens: 0 },
};

const contextOf = (request: CanonicalRequest): AnswerContext => ({
  id: 'abc',
  createdS: 1_700_000_000,
  request: { ...request, stream: true, streamUsage: true },
});

const decode = (format: Format, given: CanonicalAnswer): CanonicalAnswer =>
  format.decodeAnswer(JSON.parse(JSON.stringify(format.encodeAnswer(given, contextOf(REQUEST)))));

const spokenAnswer = (given: CanonicalAnswer, traits: FormatTraits): CanonicalAnswer =>
  mergeUsage({ ...given, finishReason: traits.mergesFinish?.[given.finishReason] ?? given.finishReason }, traits);

const mergeUsage = (given: CanonicalAnswer, traits: FormatTraits): CanonicalAnswer =>
  given.usage === undefined || traits.mergesUsage === undefined ? given : withUsage(given, traits.mergesUsage(given.usage));

const withUsage = ({ usage: _, ...rest }: CanonicalAnswer, counts: CanonicalAnswer['usage']): CanonicalAnswer =>
  counts === undefined ? rest : { ...rest, usage: counts };

/** What an answer means: its id and time are the caller's, and arguments are equal when their JSON is. */
function comparable(given: CanonicalAnswer): unknown {
  const { parts, finishReason, usage: counts, model } = given;
  return {
    model,
    finishReason,
    counts,
    parts: parts.map((part) => (part.type === 'tool-call' ? { ...part, arguments: JSON.parse(part.arguments) as unknown } : part)),
  };
}

/** Every place of a short stream, and evenly spread ones of a long stream; a stream is read byte by byte besides. */
const placesIn = (length: number): number[] => {
  const step = Math.ceil(length / 2500);
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);
};

/** Requests of the format with one value replaced by something else. */
function brokenRequest(format: Format): fc.Arbitrary<unknown> {
  return fc.tuple(conversation({ media: true }), tools, jsonObject, fc.nat(200), fc.jsonValue()).map(([messages, given, , at, junk]) => {
    let count = 0;
    const body = format.encodeRequest({ ...REQUEST, messages, tools: given }).body;
    return JSON.parse(JSON.stringify(body), (_key, value: unknown) => {
      count += 1;
      return count === at ? junk : value;
    }) as unknown;
  });
}
