import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spanArbitrary } from '../__fixtures__/span-arbitrary.ts';
import { LIMITS } from '../limits.ts';
import { fromSpoolRecord, toSpoolRecords, toWholeRecord } from './spool-record.ts';
import { asWholeTrace } from './whole-trace.ts';

const read = (text: string) => fromSpoolRecord(Buffer.from(text));
const span = (spanId: string, input?: string) => ({ tenant: 't', traceId: 'a', spanId, atMs: 1, ...(input === undefined ? {} : { input }) });

describe('a record of the spool', () => {
  it('says of a whole trace after a crash what was known before it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(spanArbitrary, { selector: ({ spanId }) => spanId, minLength: 1, maxLength: 4 }), fc.string(), (drawn, tenant) => {
        const whole = asWholeTrace(drawn.map((each) => ({ ...each, tenant, traceId: 'quoted "\u0000\n' })));
        expect(whole).toBeDefined();
        if (whole === undefined) return;
        const { text, entries } = toWholeRecord(whole);

        expect(read(text)).toEqual(entries);
      }),
    );
  });

  it('is several where one would be too long, with every entry once', () => {
    const long = 'x'.repeat(LIMITS.spoolRecordLength / 2);
    const entries = ['1', '2', '3', '4'].map((id) => ({ type: 'span' as const, span: span(id, id === '4' ? undefined : long) }));

    const records = toSpoolRecords(entries);

    expect(records.length).toBeGreaterThan(1);
    expect(records.flatMap((record) => read(record.text) ?? [])).toEqual(entries);
    expect(records.flatMap((record) => record.entries)).toEqual(entries);
  });

  it('is left out when nobody can read it', () => {
    for (const text of [
      '',
      'no json',
      '{}',
      '[7]',
      '[null]',
      '[{"type":"span","span":{"tenant":"t"}}]',
      '[{"type":"trace","trace":{"tenant":"t","traceId":"a"}}]',
      '[{"type":"score"}]',
      '[{"type":"of a later version"}]',
      '[{"type":"whole","tenant":"t","traceId":"a","spans":[]}]',
      '[{"type":"whole","tenant":"t","traceId":"a","spans":[5]}]',
      '[{"type":"whole","tenant":"t","spans":[5,["1"]]}]',
    ])
      expect(read(text), text).toBeUndefined();
  });
});

describe('spans that are recorded together', () => {
  it('are a whole trace when they are of one trace, each once, and few', () => {
    expect(asWholeTrace([span('1'), span('2')])).toMatchObject({ tenant: 't', traceId: 'a', row: { spans: 2 } });
    for (const spans of [
      [],
      [span('1'), span('1')],
      [span('1'), { ...span('2'), tenant: 'u' }],
      [span('1'), { ...span('2'), traceId: 'b' }],
      Array.from({ length: 17 }, (_, index) => span(String(index))),
      [span('1', 'x'.repeat(LIMITS.spoolRecordLength))],
    ])
      expect(asWholeTrace(spans)).toBeUndefined();
  });
});
