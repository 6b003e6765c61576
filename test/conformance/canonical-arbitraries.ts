import fc from 'fast-check';
import type {
  AssistantPart,
  CanonicalAnswer,
  CanonicalMessage,
  CanonicalRequest,
  CanonicalTool,
  FinishReason,
  ToolResultPart,
  UserPart,
  WireFormat,
} from '../../packages/platform/src/formats/index.ts';

/** Visible text: formats refuse blank parts, so none is made. Quotes, line ends, emoji and wide characters are. */
const text = fc
  .array(fc.constantFrom('a', 'Zz', ' ', '\n', '"', '\\', '\u2028', '서울', '😀', 'é', '{', '}', '</x>', 'data: ', '\r\n'), { minLength: 1, maxLength: 8 })
  .map((pieces) => `x${pieces.join('')}y`);

const name = fc.constantFrom('weather', 'time', 'search_web', 'f-1');
const base64 = fc.uint8Array({ minLength: 1, maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64'));

/** A small JSON object, as arguments or schema. */
export const jsonObject = fc.dictionary(
  fc.constantFrom('city', 'n', 'deep'),
  fc.oneof(text, fc.integer(), fc.boolean(), fc.record({ a: text }), fc.array(fc.integer(), { maxLength: 3 })),
);

const toolCall = fc.record({
  type: fc.constant('tool-call' as const),
  id: fc.integer({ min: 0, max: 99_999 }).map((number) => `call_${number}`),
  name,
  arguments: jsonObject.map((value) => JSON.stringify(value)),
});

const image = fc.oneof(
  base64.map((data): UserPart => ({ type: 'image', source: { type: 'base64', mediaType: 'image/png', data } })),
  fc.webPath().map((path): UserPart => ({ type: 'image', source: { type: 'url', url: `https://example.com${path}` } })),
);
const pdf = base64.map((data): UserPart => ({ type: 'document', name: 'a.pdf', source: { type: 'base64', mediaType: 'application/pdf', data } }));
const textPart = text.map((value) => ({ type: 'text' as const, text: value }));

export interface ConversationOptions {
  /** Kinds of pictures and documents of a user's message; texts are always among them. */
  readonly media?: boolean;
  /** Results of tools hold pictures too, and may be marked as errors. */
  readonly richResults?: boolean;
  /** Whose seals stand on reasoning; no reasoning where absent. */
  readonly sealedBy?: WireFormat;
}

/** A conversation that a client could have had: instructions, then turns, each tool call answered. */
export function conversation(options: ConversationOptions): fc.Arbitrary<readonly CanonicalMessage[]> {
  const userParts = fc.array(options.media === true ? fc.oneof(textPart, image, pdf) : textPart, { minLength: 1, maxLength: 3 }).map(joinTexts);
  const turn = fc
    .record({
      user: userParts,
      reasoning: options.sealedBy === undefined ? fc.constant([]) : fc.array(reasoning(options.sealedBy), { maxLength: 1 }),
      says: fc.option(textPart, { nil: undefined }),
      calls: fc.uniqueArray(toolCall, { maxLength: 3, selector: (call) => call.id }),
      results: fc.array(toolResultContent(options), { minLength: 3, maxLength: 3 }),
      answer: textPart,
    })
    .map(({ user, reasoning: thoughts, says, calls, results, answer }): CanonicalMessage[] => {
      if (calls.length === 0)
        return [
          { role: 'user', content: user },
          { role: 'assistant', content: [...thoughts, answer] },
        ];
      const content = calls.flatMap((call, index): ToolResultPart[] => {
        const result = results[index];
        return result === undefined ? [] : [{ ...result, callId: call.id }];
      });
      return [
        { role: 'user', content: user },
        { role: 'assistant', content: [...thoughts, ...(says === undefined ? [] : [says]), ...calls] },
        { role: 'tool', content },
        { role: 'assistant', content: [answer] },
      ];
    });
  return fc
    .record({ system: fc.option(textPart, { nil: undefined }), turns: fc.array(turn, { maxLength: 3 }), last: userParts })
    .map(({ system, turns, last }): readonly CanonicalMessage[] => [
      ...(system === undefined ? [] : [{ role: 'system' as const, content: [system] }]),
      ...turns.flat(),
      { role: 'user', content: last },
    ]);
}

/** Neighbouring texts are one text to a reader; some formats keep no border between them. */
function joinTexts(parts: readonly UserPart[]): readonly UserPart[] {
  return parts.filter((part, index) => part.type !== 'text' || parts[index - 1]?.type !== 'text');
}

const reasoning = (format: WireFormat): fc.Arbitrary<AssistantPart> =>
  fc.record({ text, value: base64 }).map(
    ({ text: thought, value }): AssistantPart => ({
      type: 'reasoning',
      text: thought,
      seal: { format, kind: format === 'openai-responses' ? 'encrypted' : 'signature', value },
    }),
  );

function toolResultContent(options: ConversationOptions): fc.Arbitrary<Omit<ToolResultPart, 'callId'>> {
  const content =
    options.richResults === true
      ? fc.oneof(
          textPart.map((part) => [part]),
          fc.tuple(textPart, image),
        )
      : textPart.map((part) => [part]);
  const isError = options.richResults === true ? fc.constantFrom({ isError: true }, {}) : fc.constant({});
  return fc
    .record({ content, isError })
    .map((value) => ({ type: 'tool-result' as const, content: value.content as ToolResultPart['content'], ...value.isError }));
}

export const tools = fc.uniqueArray(
  fc.record({ name, description: fc.option(text, { nil: undefined }), property: fc.constantFrom('city', 'n') }).map(
    (tool): CanonicalTool => ({
      type: 'function',
      name: tool.name,
      ...(tool.description === undefined ? {} : { description: tool.description }),
      parameters: { type: 'object', properties: { [tool.property]: { type: 'string' } }, required: [tool.property] },
    }),
  ),
  { minLength: 1, maxLength: 3, selector: (tool) => (tool.type === 'foreign' ? tool.kind : tool.name) },
);

/** Settings that a format may know, each as a request that sets it alone. */
export const SETTINGS = {
  toolChoice: { toolChoice: { type: 'required' } },
  parallelTools: { parallelToolCalls: false },
  jsonSchema: {
    output: {
      type: 'json-schema',
      name: 'answer',
      schema: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
      strict: true,
    },
  },
  jsonObject: { output: { type: 'json' } },
  stop: { stop: ['END', 'STOP'] },
  seed: { seed: 7 },
  logprobs: { logprobs: true, topLogprobs: 2 },
  penalties: { presencePenalty: 0.5, frequencyPenalty: -0.5 },
  topK: { topK: 40 },
  reasoning: { reasoning: { effort: 'low' } },
  user: { user: 'user-1' },
} as const satisfies Readonly<Record<string, Partial<CanonicalRequest>>>;

export const usage = fc
  .record({
    inputTokens: fc.nat(9999),
    cacheReadTokens: fc.nat(9999),
    cacheWriteTokens: fc.nat(9999),
    outputTokens: fc.nat(9999),
    reasoningTokens: fc.nat(9999),
  })
  .filter((counts) => counts.inputTokens + counts.cacheReadTokens > 0);

const END: readonly FinishReason[] = ['stop', 'length', 'content-filter'];

/** A whole answer: reasoning first, then text, then tool calls. */
export function answer(sealedBy: WireFormat | undefined): fc.Arbitrary<CanonicalAnswer> {
  return fc
    .record({
      thoughts: sealedBy === undefined ? fc.constant([]) : fc.array(reasoning(sealedBy), { maxLength: 1 }),
      says: fc.option(textPart, { nil: undefined }),
      calls: fc.uniqueArray(toolCall, { maxLength: 3, selector: (call) => call.id }),
      end: fc.constantFrom(...END),
      usage,
    })
    .filter(({ says, calls }) => says !== undefined || calls.length > 0)
    .map(({ thoughts, says, calls, end, usage: counts }) => ({
      id: 'vendor-1',
      model: 'vendor-model',
      parts: [...thoughts, ...(says === undefined ? [] : [says]), ...calls],
      finishReason: calls.length > 0 ? 'tool-calls' : end,
      usage: counts,
    }));
}
