import { describe, expect, it } from 'vitest';
import type { CanonicalRequest } from './canonical/request.ts';
import { DropList } from './drop-list.ts';

const request = (fields: Partial<CanonicalRequest>): CanonicalRequest => ({ model: 'm', messages: [], stream: false, ...fields });

describe('DropList', () => {
  it('names the fields that are set, by their weight', () => {
    const drops = new DropList('gemini');
    drops.fields(request({ seed: 0, user: 'u', cacheKey: 'k' }), ['seed', 'user', 'cacheKey', 'topK']);

    expect(drops.items).toEqual([
      { field: 'seed', why: 'gemini has no such setting', weight: 'meaning' },
      { field: 'user', why: 'gemini has no such setting', weight: 'hint' },
      { field: 'cacheKey', why: 'gemini has no such setting', weight: 'hint' },
    ]);
  });

  it.each([{ choices: 1 }, { presencePenalty: 0, frequencyPenalty: 0 }, { logprobs: false, topLogprobs: 0 }, { verbosity: 'medium' as const }, { stop: [] }])(
    'takes %j for no wish',
    (fields) => {
      const drops = new DropList('gemini');
      drops.fields(request(fields), ['choices', 'presencePenalty', 'frequencyPenalty', 'logprobs', 'topLogprobs', 'verbosity', 'stop']);

      expect(drops.items).toEqual([]);
    },
  );

  it.each([{ choices: 2 }, { presencePenalty: 0.1 }, { topLogprobs: 1 }, { verbosity: 'low' as const }, { seed: 0 }, { temperature: 0 }])(
    'takes %j for one',
    (fields) => {
      const drops = new DropList('gemini');
      drops.fields(request(fields), ['choices', 'presencePenalty', 'topLogprobs', 'verbosity', 'seed', 'temperature']);

      expect(drops.items).toMatchObject([{ weight: 'meaning' }]);
    },
  );

  it('gives fields of one format to that format alone', () => {
    const given = request({ extra: { format: 'openai-chat', fields: { guided_regex: 'a', store: true } } });
    const own = new DropList('openai-chat');
    const other = new DropList('openai-responses');

    expect(own.extra(given)).toEqual({ guided_regex: 'a', store: true });
    expect(own.items).toEqual([]);
    expect(other.extra(given)).toEqual({});
    expect(other.items.map((item) => [item.field, item.weight])).toEqual([
      ['extra.guided_regex', 'meaning'],
      ['extra.store', 'hint'],
    ]);
    expect(other.extra(request({}))).toEqual({});
  });

  it('names each thing once, with the first reason', () => {
    const drops = new DropList('gemini');
    drops.hint('cache', 'first');
    drops.meaning('cache', 'second');
    drops.foreign('tools[0]', 'cohere-chat');

    expect(drops.items).toEqual([
      { field: 'cache', why: 'first', weight: 'hint' },
      { field: 'tools[0]', why: 'only the vendor of cohere-chat knows it', weight: 'meaning' },
    ]);
  });

  it('says which format of the same vendor knows a thing', () => {
    const drops = new DropList('openai-chat');
    drops.foreign('tools[0]', 'openai-responses');

    expect(drops.items[0]?.why).toBe('only openai-responses knows it');
  });
});
