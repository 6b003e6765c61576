import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  AnswerCollector,
  type AnswerContext,
  type CanonicalAnswer,
  type CanonicalRequest,
  type Format,
  loadFormat,
  toEvents,
  type WireFormat,
} from '../../packages/platform/src/formats/index.ts';
import { answer, conversation, tools } from './canonical-arbitraries.ts';

/** Formats that hold a conversation. A text completion holds one prompt, and is examined by itself. */
const NAMES = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini', 'bedrock-converse', 'cohere-chat'] as const;
/** Formats of clients: Bedrock answers its own clients in a binary stream, which no client of the gateway reads. */
const CLIENTS = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;
const PAIRS = CLIENTS.flatMap((client) => NAMES.filter((name) => name !== client).map((engine) => [client, engine] as const));
const RUNS = { numRuns: 15 };

describe('any format to any format', () => {
  const formats = new Map<WireFormat, Format>();
  const of = (name: WireFormat): Format => formats.get(name) as Format;
  beforeAll(async () => {
    for (const name of NAMES) formats.set(name, await loadFormat(name));
  });

  const wire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  const through = (name: WireFormat, request: CanonicalRequest): CanonicalRequest =>
    of(name).decodeRequest(wire(of(name).encodeRequest(request).body), { model: request.model, stream: request.stream }).request;
  const contextOf = (request: CanonicalRequest): AnswerContext => ({ id: 'abc', createdS: 1_700_000_000, request: { ...request, streamUsage: true } });

  it.each(PAIRS)('a conversation of %s means the same to %s', (client, engine) => {
    fc.assert(
      fc.property(conversation({}), tools, (messages, given) => {
        const asked = through(client, { model: 'm', messages, tools: given, maxTokens: 100, temperature: 0.5, stream: false });
        const heard = through(engine, asked);

        expect(meaningOf(heard)).toEqual(meaningOf(asked));
        expect(
          of(engine)
            .encodeRequest(asked)
            .dropped.filter((item) => item.weight === 'meaning'),
        ).toEqual([]);
      }),
      RUNS,
    );
  });

  it.each(PAIRS)('an answer reaches a client of %s as %s gave it, whole and streamed', (client, engine) => {
    fc.assert(
      fc.property(answer(undefined), (given) => {
        const said = of(engine).decodeAnswer(wire(of(engine).encodeAnswer(given, contextOf(REQUEST))));
        const whole = of(client).decodeAnswer(wire(of(client).encodeAnswer(said, contextOf(REQUEST))));
        const encoder = of(client).createStreamEncoder(contextOf(REQUEST));
        const decoder = of(client).createStreamDecoder();
        const collector = new AnswerCollector();
        for (const event of toEvents(said)) for (const read of decoder.push(Buffer.from(encoder.encode(event)))) collector.take(read);
        for (const event of decoder.end()) collector.take(event);

        expect(collector.complete).toBe(true);
        expect(contentOf(whole)).toEqual(contentOf(said));
        expect(contentOf(collector.answer)).toEqual(contentOf(whole));
      }),
      RUNS,
    );
  });
});

const REQUEST: CanonicalRequest = { model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }], stream: true };

/** What the model reads: who said what, which tools were called with what, and what they answered. */
function meaningOf({ messages, tools: given }: CanonicalRequest): unknown {
  return {
    tools: (given ?? []).map((tool) => (tool.type === 'function' ? [tool.name, tool.description, tool.parameters] : tool)),
    turns: messages.map((message) => [
      message.role === 'developer' ? 'system' : message.role,
      message.content.map((part) => {
        if (part.type === 'tool-call') return ['calls', part.id, part.name, JSON.parse(part.arguments)];
        if (part.type === 'tool-result') return ['result of', part.callId, part.content.map((each) => ('text' in each ? each.text : each))];
        return 'text' in part ? part.text : part;
      }),
    ]),
  };
}

/** What the client reads; the usage keeps its sums where a format has fewer buckets. */
function contentOf({ parts, usage }: CanonicalAnswer): unknown {
  return {
    parts: parts.map((part) => (part.type === 'tool-call' ? [part.name, JSON.parse(part.arguments)] : part)),
    prompt: usage === undefined ? 0 : usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
    completion: usage === undefined ? 0 : usage.outputTokens + usage.reasoningTokens,
  };
}
