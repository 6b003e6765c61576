import fc from 'fast-check';
import type { SpanPatch } from '../entry.ts';

/** Spans of a few traces of one tenant; each says all of itself, as those of the platform do. */
export const spanArbitrary: fc.Arbitrary<SpanPatch> = fc
  .record(
    {
      trace: fc.nat(3),
      span: fc.nat(5),
      parent: fc.option(fc.nat(5), { nil: undefined }),
      start: fc.nat(1000),
      length: fc.option(fc.nat(500), { nil: undefined }),
      kind: fc.constantFrom('gateway', 'route', 'engine', 'other'),
      status: fc.constantFrom('ok', 'error', 'unset'),
      model: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
      session: fc.option(fc.constantFrom('s1', 's\u0000'), { nil: undefined }),
      ttft: fc.option(fc.integer({ min: 0, max: 5000 }), { nil: undefined }),
      cost: fc.option(fc.nat(1000), { nil: undefined }),
      tokens: fc.option(fc.nat(1000), { nil: undefined }),
      input: fc.option(fc.oneof(fc.string({ maxLength: 5 }), fc.constant(null)), { nil: undefined }),
      output: fc.option(fc.jsonValue({ maxDepth: 1 }), { nil: undefined }),
    },
    { noNullPrototype: true },
  )
  .map(
    (drawn) =>
      ({
        tenant: 'default',
        traceId: `trace-${drawn.trace}`,
        spanId: `span-${drawn.trace}-${drawn.span}`,
        parentSpanId: drawn.parent === undefined ? null : `span-${drawn.trace}-${drawn.parent}`,
        name: `name-${drawn.span}`,
        kind: drawn.kind,
        status: drawn.status,
        startMs: 1000 + drawn.start / 8,
        atMs: 1000 + drawn.start,
        endMs: drawn.length === undefined ? null : 1000 + drawn.start / 8 + drawn.length,
        costNanoUsd: drawn.cost ?? null,
        attributes: { span: drawn.span },
        ...(drawn.model === undefined ? {} : { model: drawn.model }),
        ...(drawn.session === undefined ? {} : { session: drawn.session }),
        ...(drawn.ttft === undefined ? {} : { ttftMs: drawn.ttft / 1000 }),
        ...(drawn.input === undefined ? {} : { input: drawn.input }),
        ...(drawn.output === undefined ? {} : { output: drawn.output }),
        ...(drawn.tokens === undefined
          ? {}
          : { usage: { inputTokens: drawn.tokens, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, reasoningTokens: 0 } }),
      }) as SpanPatch,
  );
