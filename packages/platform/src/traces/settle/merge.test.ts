import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpanPatch } from '../entry.ts';
import { mergeGiven, mergeSpans } from './merge.ts';

const key = { tenant: 't', traceId: 'a', spanId: 'b', atMs: 5 };

describe('merging messages about one span', () => {
  it('lets silence leave what was said', () => {
    const earlier: SpanPatch = { ...key, name: 'n', kind: 'engine', status: 'error', endMs: 9, parentSpanId: 'p', costNanoUsd: 7, model: 'm' };

    expect(mergeSpans(earlier, { ...key, kind: 'other', status: 'unset', endMs: null, parentSpanId: null, costNanoUsd: null, model: undefined })).toEqual(
      earlier,
    );
  });

  it('is the same when a message comes twice', () => {
    const patch = fc.record(
      {
        atMs: fc.nat(),
        name: fc.string(),
        kind: fc.constantFrom('engine' as const, 'other' as const),
        status: fc.constantFrom('ok' as const, 'unset' as const, 'error' as const),
        endMs: fc.option(fc.nat()),
        attributes: fc.dictionary(fc.string(), fc.nat()),
      },
      { requiredKeys: ['atMs'] },
    );
    fc.assert(
      fc.property(patch, patch, (first, second) => {
        const once = mergeSpans({ ...key, ...first }, { ...key, ...second });

        expect(mergeSpans(once, { ...key, ...second })).toEqual(once);
      }),
    );
  });
});

describe('merging what is said of a trace', () => {
  it('joins tags, merges metadata and keeps the earliest start', () => {
    const merged = mergeGiven({ tags: ['a'], metadata: { x: 1, y: 1 }, startMs: 5, name: 'n' }, { tags: ['b', 'a'], metadata: { y: 2 }, startMs: 9 });

    expect(merged).toEqual({ tags: ['a', 'b'], metadata: { x: 1, y: 2 }, startMs: 5, name: 'n' });
  });
});
