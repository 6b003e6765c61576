import { isPlatformError } from '@maru/api/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MultipartScanner, readBoundary } from './multipart-scanner.ts';

interface Scanned {
  readonly text: string;
  readonly models: readonly string[];
}

/** Scans a body in pieces of these lengths; the model's place is marked. */
function scan(body: Buffer, boundary: string, cuts: readonly number[] = []): Scanned {
  const scanner = new MultipartScanner(boundary);
  const places = [...new Set([0, ...cuts.map((cut) => cut % (body.length + 1)), body.length])].sort((left, right) => left - right);
  const models: string[] = [];
  const out: Buffer[] = [];
  for (let index = 0; index + 1 < places.length; index += 1) {
    for (const segment of scanner.push(body.subarray(places[index], places[index + 1]))) {
      if (segment.kind === 'bytes') out.push(segment.bytes);
      else {
        models.push(segment.value);
        out.push(Buffer.from('<MODEL>'));
      }
    }
  }
  scanner.end();
  return { text: Buffer.concat(out).toString('latin1'), models };
}

const part = (headers: string, content: string): string => `--b\r\n${headers}\r\n\r\n${content}\r\n`;
const model = (name: string): string => part('Content-Disposition: form-data; name="model"', name);
const file = (content: string): string => part('Content-Disposition: form-data; name="file"; filename="model"\r\nContent-Type: audio/wav', content);

describe('MultipartScanner', () => {
  it('gives every byte back, but the name of the model, wherever the body is cut', () => {
    const contents = fc
      .array(fc.constantFrom('a', '\r', '\n', '-', '--b', '\r\n--', '\r\n--c', 'x'.repeat(50), '\0'), { maxLength: 12 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(contents, contents, fc.array(fc.nat(), { maxLength: 10 }), (before, after, cuts) => {
        fc.pre(!`\r\n${before}\r\n`.includes('\r\n--b') && !`\r\n${after}\r\n`.includes('\r\n--b'));
        const body = `${file(before)}${model('whisper')}${file(after)}--b--\r\n`;

        const scanned = scan(Buffer.from(body, 'latin1'), 'b', cuts);

        expect(scanned.models).toEqual(['whisper']);
        expect(scanned.text).toBe(body.replace('\r\n\r\nwhisper\r\n', '\r\n\r\n<MODEL>\r\n'));
      }),
      { numRuns: 300 },
    );
  });

  it('is not fooled by a file that is called model', () => {
    expect(scan(Buffer.from(`${file('sim-8b')}--b--`), 'b').models).toEqual([]);
  });

  it.each([
    ['Content-Disposition: form-data; name=model', 1],
    ['content-disposition: form-data; name="model"', 1],
    ['content-type: text/plain\r\ncontent-disposition: form-data; x="y"; name="model"', 1],
    ['content-disposition: form-data; name="models"', 0],
    ['content-disposition: form-data; name="x"; filename="name=model"', 0],
    ['x-other: form-data; name="model"', 0],
  ])('finds the model by %s: %i', (headers, count) => {
    expect(scan(Buffer.from(`${part(headers, 'm')}--b--`), 'b').models).toHaveLength(count);
  });

  it.each([
    ['a preamble', 'hello\r\n--b--'],
    ['no last boundary', `${file('x')}`],
    ['bytes behind a boundary', '--bX\r\n\r\n\r\n--b--'],
    ['headers without end', `--b\r\n${'x: y\r\n'.repeat(5000)}`],
    ['too many parts', `${part('x: y', '').repeat(300)}--b--`],
    ['a long name', `${model('m'.repeat(600))}--b--`],
    ['two models', `${model('a')}${model('b')}--b--`],
  ])('refuses %s', (_name, body) => {
    let refusal: unknown;
    try {
      scan(Buffer.from(body), 'b');
    } catch (error) {
      refusal = error;
    }

    expect(isPlatformError(refusal, 'invalid_request')).toBe(true);
  });
});

describe('readBoundary', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['multipart/form-data; charset=utf-8; boundary="a b:c"', 'a b:c'],
    ['Multipart/Form-Data;boundary=----WebKitFormBoundary7', '----WebKitFormBoundary7'],
    ['application/json', undefined],
    ['multipart/mixed; boundary=x', undefined],
  ])('reads %s', (type, boundary) => {
    expect(readBoundary(type)).toBe(boundary);
  });

  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary=${'x'.repeat(71)}`,
    'multipart/form-data; boundary="a\r\nb"',
  ])('refuses %j', (type) => {
    expect(() => readBoundary(type)).toThrow('boundary');
  });
});
