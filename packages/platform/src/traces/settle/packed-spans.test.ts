import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spanArbitrary } from '../__fixtures__/span-arbitrary.ts';
import { decodeOwnSpans } from './own-spans.ts';
import { packSpans, unpackSpans } from './packed-spans.ts';
import { factsOfSpan } from './span-facts.ts';
import { toSpanRow } from './span-row.ts';

const OF = { tenant: 'default', traceId: 't' };

describe('packed spans', () => {
  it('are read as the spans that were packed', () => {
    fc.assert(
      fc.property(fc.array(spanArbitrary, { minLength: 1, maxLength: 5 }), (drawn) => {
        const spans = drawn.map((span) => ({ ...span, ...OF }));

        const unpacked = unpackSpans(JSON.parse(packSpans(spans, spans.map(factsOfSpan))), OF);

        expect(unpacked.map(toSpanRow)).toEqual(spans.map(toSpanRow));
      }),
    );
  });

  it('keep the order and the microseconds of spans that overlap, end before they begin, or are open', () => {
    const times = [
      { startMs: 1_795_252_293_469.251, endMs: 1_795_252_293_469.25 },
      { startMs: 1_795_252_293_000.001, endMs: 1_795_252_999_999.999 },
      { startMs: 0, endMs: null },
    ];
    const spans = times.map((time, index) => ({ ...OF, ...time, spanId: String(index), atMs: 5 }));

    const unpacked = unpackSpans(JSON.parse(packSpans(spans, spans.map(factsOfSpan))), OF);

    expect(unpacked.map(({ spanId, startMs, endMs }) => ({ spanId, startMs, endMs }))).toEqual(
      times.map((time, index) => ({ spanId: String(index), ...time })),
    );
  });

  it('are none where the text is broken or of another kind', () => {
    for (const own_spans of [null, '', 'no json', '{}', '7', '[]', '[5]', '[5,7,"x",null,{},[]]', '[5,[1,2]]'])
      expect(decodeOwnSpans({ tenant: 'default', trace_id: 't', own_spans })).toEqual([]);
  });
});
