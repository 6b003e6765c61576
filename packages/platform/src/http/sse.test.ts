import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSse, type SseEvent, SseParser } from './sse.ts';

const line = fc.string({ unit: 'grapheme', maxLength: 10 }).map((text) => text.replace(/[\r\n]/g, ' '));
const name = line.map((text) => text.trimStart()).filter((text) => text !== '');
const sseEvent = fc
  .record({ data: fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n')), event: fc.option(name), id: fc.option(name) })
  .map(({ data, event, id }): SseEvent => ({ data, ...(event === null ? {} : { event }), ...(id === null ? {} : { id }) }));

const readAll = (bytes: Buffer, cuts: readonly number[]): { events: SseEvent[]; rest: string } => {
  const parser = new SseParser();
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((left, right) => left - right);
  const events = places.flatMap((place, index) => parser.push(bytes.subarray(place, places[index + 1])));
  return { events, rest: parser.rest };
};

describe('SseParser', () => {
  it('reads what formatSse writes, wherever it is cut and however lines end', () => {
    fc.assert(
      fc.property(fc.array(sseEvent, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 20 }), fc.constantFrom('\n', '\r\n', '\r'), (events, cuts, end) => {
        const text = events.map(formatSse).join('').replaceAll('\n', end);

        expect(readAll(Buffer.from(text), cuts)).toEqual({ events, rest: '' });
      }),
      { numRuns: 500 },
    );
  });

  it('reads a stream byte by byte', () => {
    const text = 'event: 이름\ndata: 한글 🙂\n\ndata: b\n\n';

    const cuts = Array.from({ length: Buffer.byteLength(text) }, (_, index) => index);

    expect(readAll(Buffer.from(text), cuts).events).toEqual([{ event: '이름', data: '한글 🙂' }, { data: 'b' }]);
  });

  it('follows the standard in the corners', () => {
    const text = ': comment\n\ndata\n\ndata:no space\ndata:  two spaces\nretry: 5\nunknown: x\n\nevent: only a name\n\n\uFEFFdata: x\n\n';

    expect(readAll(Buffer.from(text), []).events).toEqual([{ data: '' }, { data: 'no space\n two spaces' }]);
  });

  it('skips a byte order mark at the beginning', () => {
    expect(readAll(Buffer.from('\uFEFFdata: x\n\n'), []).events).toEqual([{ data: 'x' }]);
  });

  it('keeps what is not complete', () => {
    expect(readAll(Buffer.from('data: a\n\ndata: b\nda'), [])).toEqual({ events: [{ data: 'a' }], rest: 'b\nda' });
  });

  it('refuses an event that never ends', () => {
    const parser = new SseParser(1000);

    expect(() => {
      for (let count = 0; count < 100; count += 1) parser.push(Buffer.from('data: xxxxxxxxxxxxxxx\n'));
    }).toThrow('larger than 1000 bytes');
  });
});

describe('formatSse', () => {
  it('can not be left by the data', () => {
    expect(formatSse({ data: 'a\r\n\rb\n\nevent: forged' })).toBe('data: a\ndata: \ndata: b\ndata: \ndata: event: forged\n\n');
  });
});
