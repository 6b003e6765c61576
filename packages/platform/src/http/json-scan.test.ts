import { isPlatformError } from '@maru/api/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanObject } from './json-scan.ts';

const scan = (text: string): Record<string, unknown> => {
  const bytes = Buffer.from(text);
  const fields: [string, unknown][] = [...scanObject(bytes)].map(([name, range]) => [name, JSON.parse(bytes.toString('utf8', range.start, range.end))]);
  return Object.fromEntries(fields);
};

const refusal = (text: string): unknown => {
  try {
    scanObject(Buffer.from(text));
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('scanObject', () => {
  it('finds what JSON.parse finds, whatever the object and the layout', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t', ' \n'), (object, indent) => {
        fc.pre(!Object.hasOwn(object, '__proto__'));
        const text = JSON.stringify(object, null, indent);
        expect(scan(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('finds strings full of quotes and backslashes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('"', '\\', 'a', '{', '}', '\n', '한'), { maxLength: 80 }), (parts) => {
        const object = { text: parts.join(''), nested: [parts.join(''), { [parts.join('')]: 1 }], model: 'm' };
        expect(scan(JSON.stringify(object))).toEqual(object);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses every cut of an object', () => {
    const text = JSON.stringify({ model: 'a\\"b', messages: [{ role: 'user', content: 'x'.repeat(60) }], n: -1.5e3, flag: true, none: null });
    for (let length = 0; length < text.length; length += 1) {
      expect(isPlatformError(refusal(text.slice(0, length)), 'invalid_json'), text.slice(0, length)).toBe(true);
    }
  });

  it('never takes bytes that JSON.parse takes for something else', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '1', 'true', 'null', '\\', ' ', 'a', '-', '.'), { maxLength: 14 }), (parts) => {
        const text = `{${parts.join('')}}`;
        let parsed: unknown;
        try {
          parsed = JSON.parse(text);
        } catch {
          return;
        }
        expect(scan(text)).toEqual(parsed);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the places of values, so that they can be replaced', () => {
    const bytes = Buffer.from('{ "한": "é", "model" :\t"gpt" , "n":1}');

    const range = scanObject(bytes).get('model');

    expect(bytes.toString('utf8', range?.start, range?.end)).toBe('"gpt"');
  });

  it('reads escaped names as parsers do', () => {
    expect(scan('{"mod\\u0065l":"x"}')).toEqual({ model: 'x' });
  });

  it('reports names that stand twice, also when one of them is escaped', () => {
    const repeated: string[] = [];

    scanObject(Buffer.from('{"model":"a","x":1,"mod\\u0065l":"b"}'), { onRepeat: (name) => repeated.push(name) });

    expect(repeated).toEqual(['model']);
  });

  it('tells in whose value a string begins with a mark', () => {
    const marked = (text: string): string[] => {
      const names: string[] = [];
      scanObject(Buffer.from(text), { mark: Buffer.from('"image_url"'), onMark: (name) => names.push(name) });
      return names;
    };

    expect(marked('{"a":[{"type":"image_url","image_url":{}}],"b":[{"x":"image_url"}],"c":{"image_urls":1}}')).toEqual(['a', 'b']);
    expect(marked('{"a":["say \\"image_url\\" to me"],"image_url":1,"b":"image_url"}')).toEqual([]);
  });

  it.each([
    ['', 'must be a JSON object'],
    ['[]', 'must be a JSON object'],
    ['"x"', 'must be a JSON object'],
    ['{"a":1}x', 'expected the end'],
    ['{"a":1,}', 'expected the name'],
    ['{a:1}', 'expected the name'],
    ['{"a" 1}', 'expected ":"'],
    ['{"a":}', 'expected a value'],
    ['{"a":01}', 'expected a value'],
    ['{"a":nul}', 'expected a value'],
    ['{"a":[1}]}', 'brackets do not match'],
    ['{"a":[1}', 'brackets do not match'],
    ['{"a":[1', 'not closed'],
    ['{"a":"x', 'not closed'],
    ['{"\\x":1}', 'wrong escape'],
  ])('refuses %j', (text, message) => {
    const error = refusal(text);

    expect(isPlatformError(error, 'invalid_json')).toBe(true);
    expect(String(error)).toContain(message);
  });

  it('refuses absurd nesting instead of filling the memory', () => {
    expect(String(refusal(`{"a":${'['.repeat(100_000)}`))).toContain('nested deeper');
  });
});
