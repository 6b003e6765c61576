import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { AnswerCollector } from './canonical/answer-collector.ts';
import { toEvents } from './canonical/answer-events.ts';
import type { AnswerContext, Format } from './format.ts';
import { loadFormat } from './load-format.ts';
import type { WireFormat } from './wire-format.ts';

const NAMES = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const;
const REQUESTS = [
  ['openai-chat', 'request'],
  ['openai-chat', 'request-sampling'],
  ['openai-responses', 'request-codex'],
  ['anthropic-messages', 'request-claude-code'],
  ['anthropic-messages', 'request-documents'],
] as const;
const ANSWERS = [
  ['openai-chat', 'answer-tools', 'stream-tools'],
  ['openai-responses', 'answer', 'stream'],
  ['anthropic-messages', 'message', 'stream'],
] as const;

const read = (format: WireFormat, file: string): string => readFileSync(new URL(`./${format}/__fixtures__/${file}`, import.meta.url), 'utf8');
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const others = (from: WireFormat): WireFormat[] => NAMES.filter((name) => name !== from);

describe('translations', () => {
  const formats = new Map<WireFormat, Format>();
  const of = (name: WireFormat): Format => formats.get(name) as Format;
  beforeAll(async () => {
    for (const name of NAMES) formats.set(name, await loadFormat(name));
  });
  const contextFor = (name: WireFormat): AnswerContext => ({
    id: 'abc',
    createdS: 1_700_000_000,
    request: {
      ...of(name).decodeRequest(
        JSON.parse(read(name, name === 'openai-chat' ? 'request.json' : name === 'openai-responses' ? 'request-codex.json' : 'request-claude-code.json')),
      ).request,
    },
  });

  it.each(REQUESTS.flatMap(([from, file]) => others(from).map((to) => [from, file, to] as const)))(
    'turns the request of %s in %s.json into %s',
    async (from, file, to) => {
      const { request, warnings } = of(from).decodeRequest(JSON.parse(read(from, `${file}.json`)));

      await expect(json({ ...of(to).encodeRequest(request), warnings })).toMatchFileSnapshot(`__fixtures__/translations/${from}-${file}-to-${to}.json`);
    },
  );

  it.each(REQUESTS)('gives %s its own %s.json back', (name, file) => {
    const given = JSON.parse(read(name, `${file}.json`)) as Record<string, unknown>;
    const { request } = of(name).decodeRequest(given);

    expect(of(name).decodeRequest(of(name).encodeRequest(request).body).request.messages).toEqual(
      // The chat API and the Responses API keep no markers, which their clients do not send either.
      request.messages,
    );
    expect(of(name).encodeRequest(request).dropped).toEqual([]);
  });

  it.each(ANSWERS.flatMap(([from, file]) => others(from).map((to) => [from, file, to] as const)))(
    'turns the answer of %s in %s.json into %s',
    async (from, file, to) => {
      const answer = of(from).decodeAnswer(JSON.parse(read(from, `${file}.json`)));

      await expect(json(of(to).encodeAnswer(answer, contextFor(to)))).toMatchFileSnapshot(`__fixtures__/translations/${from}-${file}-to-${to}.json`);
    },
  );

  it.each(ANSWERS.flatMap(([from, , file]) => others(from).map((to) => [from, file, to] as const)))(
    'turns the stream of %s in %s.sse into %s',
    async (from, file, to) => {
      const decoder = of(from).createStreamDecoder();
      const encoder = of(to).createStreamEncoder(contextFor(to));
      const events = [...decoder.push(readFileSync(new URL(`./${from}/__fixtures__/${file}.sse`, import.meta.url))), ...decoder.end()];

      await expect(events.map((event) => encoder.encode(event)).join('')).toMatchFileSnapshot(`__fixtures__/translations/${from}-${file}-to-${to}.sse`);
    },
  );

  it.each(NAMES.flatMap((from) => others(from).map((to) => [from, to] as const)))(
    'an answer of %s means the same to a client of %s, whole and streamed',
    (from, to) => {
      const file = from === 'openai-chat' ? 'answer-tools' : from === 'openai-responses' ? 'answer' : 'message';
      const given = of(from).decodeAnswer(JSON.parse(read(from, `${file}.json`)));
      const context = contextFor(to);
      const whole = of(to).decodeAnswer(JSON.parse(JSON.stringify(of(to).encodeAnswer(given, context))));
      const encoder = of(to).createStreamEncoder({ ...context, request: { ...context.request, streamUsage: true } });
      const decoder = of(to).createStreamDecoder();
      const collector = new AnswerCollector();
      for (const event of decoder.push(
        Buffer.from(
          toEvents(given)
            .map((each) => encoder.encode(each))
            .join(''),
        ),
      ))
        collector.take(event);
      const withoutNotes = (parts: typeof given.parts): unknown =>
        parts.map((part) =>
          'notes' in part
            ? { type: part.type, text: part.text }
            : part.type === 'tool-call'
              ? { ...part, arguments: JSON.parse(part.arguments || '{}') as unknown }
              : part,
        );

      expect(collector.complete).toBe(true);
      for (const seen of [whole, collector.answer]) {
        expect(withoutNotes(seen.parts)).toEqual(withoutNotes(given.parts));
        expect(seen.finishReason).toBe(given.finishReason);
        expect(seen.usage).toEqual(given.usage);
      }
    },
  );
});
