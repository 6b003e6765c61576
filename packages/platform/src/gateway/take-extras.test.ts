import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanObject } from '#http';
import { takeExtras } from './take-extras.ts';

const take = (text: string) => {
  const bytes = Buffer.from(text);
  return takeExtras({ bytes, fields: scanObject(bytes) });
};

describe('extras of a request', () => {
  it('costs nothing where there are none', () => {
    expect(take('{"model":"m"}').bytes).toBeUndefined();
  });

  it.each([
    ['{"cache":{"ttl":5},"model":"m"}', '{"model":"m"}'],
    ['{"model":"m","cache":{"ttl":5}}', '{"model":"m"}'],
    ['{ "model" : "m" , "cache" : {"ttl":5} , "n": 1.0 }', '{ "model" : "m" ,  "n": 1.0 }'],
    ['{"cache":{"ttl":5}}', '{}'],
    ['{"cache":{"ttl":5},"guardrails":["a"]}', '{}'],
    ['{"guardrails":["a"],"messages":[{"content":"\\"cache\\": 1"}],"cache":{"ttl":5}}', '{"messages":[{"content":"\\"cache\\": 1"}]}'],
  ])('are taken out of %s', (before, after) => {
    expect(take(before).bytes?.toString()).toBe(after);
  });

  it('leaves every other field as it was, wherever they stand', () => {
    const field = fc.tuple(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(fc.uniqueArray(field, { selector: ([name]) => name, maxLength: 5 }), fc.jsonValue(), fc.nat(5), (others, cache, place) => {
        const kept = others.filter(([name]) => name !== 'cache' && name !== 'guardrails' && name !== '__proto__');
        const all = [...kept.slice(0, place), ['cache', cache] as const, ...kept.slice(place)];
        const text = `{${all.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(' ,\n')}}`;

        const extras = take(text);

        expect(extras.cache).toEqual(JSON.parse(JSON.stringify(cache)));
        expect(JSON.parse(extras.bytes?.toString() ?? '')).toEqual(
          JSON.parse(`{${kept.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`),
        );
      }),
    );
  });
});
