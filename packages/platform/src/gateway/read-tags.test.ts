import { describe, expect, it } from 'vitest';
import { readTags } from './read-tags.ts';

const facts = (body: object, headers: Record<string, string> = {}) => {
  let parsed = 0;
  const text = JSON.stringify(body);
  return {
    headers,
    fields: new Map(Object.entries(body)),
    value: () => {
      parsed += 1;
      return JSON.parse(text) as Record<string, unknown>;
    },
    parsed: () => parsed,
  };
};

describe('tags of a request', () => {
  it('come from headers and from the metadata of the body, each once', () => {
    expect(readTags(facts({ metadata: { tags: ['batch', 'night'] } }, { 'x-litellm-tags': 'night, cheap,,' }))).toEqual(['night', 'cheap', 'batch']);
    expect(readTags(facts({}, { 'x-maru-tags': 'a' }))).toEqual(['a']);
  });

  it('are none without a mark, and then the body is not parsed', () => {
    const plain = facts({ messages: [{ role: 'user', content: 'hello' }] });

    expect(readTags(plain)).toBeUndefined();
    expect(plain.parsed()).toBe(0);
  });

  it.each([{ metadata: 'tags' }, { metadata: { tags: 'one' } }, { metadata: { tags: [1, null, ''] } }, { metadata: null, tags: ['x'] }])(
    'ignores %j',
    (body) => {
      expect(readTags(facts(body))).toBeUndefined();
    },
  );

  it('are cut where there are too many', () => {
    expect(readTags(facts({ metadata: { tags: Array.from({ length: 100 }, (_, index) => `t${index}`) } }))).toHaveLength(20);
  });
});
