import { completionTokens, promptTokens } from '@maru/api/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from './door.ts';
import { type PassFacts, usageOfPass } from './pass-usage.ts';

const facts = (operation: Operation, more: Partial<PassFacts> = {}): PassFacts => ({ operation, request: {}, answer: undefined, promptTokens: 7, ...more });

describe('what a passed call used', () => {
  it.each<[string, PassFacts, object, boolean]>([
    ['search units', facts('rerank', { answer: { meta: { billed_units: { search_units: 2 } } } }), { searchUnits: 2, inputTokens: 0 }, false],
    ['a total of tokens', facts('rerank', { answer: { usage: { total_tokens: 30 } } }), { inputTokens: 30 }, false],
    ['tokens of a prompt', facts('score', { answer: { usage: { prompt_tokens: 5, total_tokens: 5 } } }), { inputTokens: 5, outputTokens: 0 }, false],
    ['seconds', facts('transcriptions', { answer: { usage: { type: 'duration', seconds: 1.25 } } }), { mediaMs: 1250, outputTokens: 0 }, false],
    ['no unit, a rerank', facts('rerank'), { inputTokens: 7 }, true],
    ['no unit, moderations', facts('moderations', { answer: { results: [] } }), { inputTokens: 7 }, true],
    ['no unit, speech', facts('speech', { request: { input: 'né 한🙂' } }), { characters: 5 }, true],
    ['no unit, pictures', facts('images', { answer: { data: [{}, {}, {}] } }), { images: 3 }, true],
    ['no unit, pictures in a stream', facts('images', { request: { n: 2 } }), { images: 2 }, true],
    ['no unit, one picture', facts('image-edits'), { images: 1 }, true],
    ['the length of the recording', facts('transcriptions', { answer: { text: 'x', duration: 3.5 } }), { mediaMs: 3500 }, true],
    ['only a text', facts('translations', { answer: { text: 'x'.repeat(41) } }), { outputTokens: 11 }, true],
    ['nothing', facts('tokenize', { answer: { tokens: [1] } }), { inputTokens: 0, outputTokens: 0 }, true],
  ])('is read from %s', (_name, given, usage, estimated) => {
    const read = usageOfPass(given);

    expect(read.usage).toMatchObject(usage);
    expect(read.estimated).toBe(estimated);
  });

  it('counts no token twice, and loses none, whatever the engine reports', () => {
    const count = fc.oneof(fc.nat(1000), fc.constantFrom(-1, 1.5, Number.NaN, null, 'x', undefined));
    const details = fc.record({ image_tokens: count, audio_tokens: count, cached_tokens: count, text_tokens: count }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), details, details, (input, output, inside, made) => {
        const usage = { input_tokens: input, output_tokens: output, input_tokens_details: inside, output_tokens_details: made };

        const read = usageOfPass(facts('images', { answer: { usage } })).usage;

        expect(promptTokens(read)).toBe(input);
        expect(completionTokens(read)).toBe(output);
        for (const bucket of Object.values(read)) expect(bucket).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('does not believe a recording that is longer than any count', () => {
    const { usage } = usageOfPass({
      operation: 'transcriptions',
      request: {},
      answer: { duration: 9007199254740.992, text: 'four words were heard' },
      promptTokens: 3,
    });

    expect(usage).toMatchObject({ outputTokens: 6 });
  });

  it('does not believe nonsense', () => {
    const nonsense = fc.dictionary(fc.constantFrom('usage', 'meta', 'data', 'duration', 'text'), fc.jsonValue());
    const operations = fc.constantFrom<Operation>('images', 'speech', 'transcriptions', 'rerank', 'score', 'moderations', 'tokenize');
    fc.assert(
      fc.property(nonsense, fc.dictionary(fc.string(), fc.jsonValue()), operations, (answer, request, operation) => {
        const { usage } = usageOfPass({ operation, request, answer, promptTokens: 3 });

        for (const bucket of Object.values(usage)) expect(Number.isSafeInteger(bucket) && bucket >= 0).toBe(true);
      }),
    );
  });
});
