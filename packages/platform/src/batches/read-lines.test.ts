import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from './read-lines.ts';

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('the lines of a file', () => {
  it('are the same wherever its chunks are cut, and stand where they say', async () => {
    const line = fc.string({ unit: fc.constantFrom('a', '한', '"', ' ', '\r', '{'), maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), async (texts, size) => {
        const bytes = Buffer.from(texts.join('\n'));
        const got: string[] = [];
        for await (const each of readLines(cut(bytes, size), 1000)) {
          expect(bytes.subarray(each.startByte, each.endByte).equals(each.bytes)).toBe(true);
          expect(texts[each.number]).toBe(each.bytes.toString());
          got.push(each.bytes.toString());
        }
        expect(got).toEqual(texts.filter((text) => text.trim() !== ''));
      }),
    );
  });

  it('are refused when one is too long, before it is read to its end', async () => {
    const lines = readLines(cut(Buffer.from(`ok\n${'x'.repeat(500)}`), 50), 100);

    await lines.next();
    await expect(lines.next()).rejects.toMatchObject({ code: 'body_too_large', details: { line: 2 } });
  });
});
