import type { SpanPatch } from '../entry.ts';
import { byStart, factsOfSpan, type SpanFacts } from './span-facts.ts';
import type { SpanRow } from './span-row.ts';

/** Characters of the input and of the output of a top span that the search looks into. */
export const EXCERPT = 2_000;
/** Top spans of one trace that the search looks into. */
export const EXCERPT_SPANS = 3;

/** What the totals and the search of a trace are made of. */
export interface TraceContents {
  readonly spans: readonly SpanFacts[];
  readonly excerpts: readonly string[];
}

export const toExcerpt = (row: Pick<SpanRow, 'input' | 'output'>): string => `${row.input ?? ''} ${row.output ?? ''}`.trim();

/** The contents of a trace of which these are all spans. */
export const contentsOf = (spans: readonly SpanPatch[]): TraceContents => {
  const facts = spans.map(factsOfSpan);
  return { spans: facts, excerpts: spans.some(hasContent) ? excerptsOf(spans, facts) : [] };
};

const hasContent = (span: SpanPatch): boolean => span.input !== undefined || span.output !== undefined;

const excerptsOf = (spans: readonly SpanPatch[], facts: readonly SpanFacts[]): readonly string[] =>
  spans
    .flatMap((span, index) => {
      const known = facts[index];
      return known !== undefined && hasContent(span) && (known.parentSpanId === null || known.kind === 'gateway') ? [{ span, known }] : [];
    })
    .sort((left, right) => byStart(left.known, right.known))
    .slice(0, EXCERPT_SPANS)
    .map(({ span }) => toExcerpt({ input: cutJson(span.input), output: cutJson(span.output) }));

const cutJson = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value).slice(0, EXCERPT));
