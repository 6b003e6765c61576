import type { SpanKind } from '@maru/api/records';

/** One colour per family of work: agents, engines, tools, knowledge, the platform itself. */
export const SPAN_COLOURS: Readonly<Record<SpanKind, string>> = {
  gateway: 'bg-third',
  guardrail: 'bg-third',
  cache: 'bg-third',
  route: 'bg-third',
  engine: 'bg-series-1',
  embedding: 'bg-series-3',
  retrieval: 'bg-series-5',
  agent: 'bg-series-4',
  step: 'bg-series-4',
  tool: 'bg-series-2',
  evaluation: 'bg-series-3',
  pipeline: 'bg-series-3',
  other: 'bg-third',
};
