import type { Span } from '@maru/api/records';
import type { Route } from '@maru/api/resources';

/** What every step is called with. */
export interface StepContext {
  readonly tenant: string;
  readonly runId: string;
  /** The same on every attempt of a step: a callee that has done the work under this key must not do it twice. */
  readonly idempotencyKey: string;
  readonly traceparent: string;
}

export interface Ingest {
  /** Brings a knowledge base up to date; returns a summary for people. */
  ingest(knowledgeBase: string, context: StepContext, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>>;
}

export interface Measured {
  /** Mean per evaluator, by type. */
  readonly means: Readonly<Record<string, number>>;
  /** Id of the run of the evaluation. */
  readonly runId: string;
}

export interface Evaluate {
  evaluate(evaluation: string, context: StepContext, signal: AbortSignal): Promise<Measured>;
}

export interface PublishRoute {
  /** Applies a Route; applying the same one again changes nothing. */
  publish(route: { readonly name: string; readonly spec: Route['spec'] }, context: StepContext, signal: AbortSignal): Promise<void>;
}

/** Where spans go; must not throw and must not wait. */
export interface SpanSink {
  record(span: Span): void;
}

/** Everything that the room takes from outside. */
export interface PipelinePorts {
  readonly ingest: Ingest;
  readonly evaluate: Evaluate;
  readonly routes: PublishRoute;
  readonly spans: SpanSink;
}
