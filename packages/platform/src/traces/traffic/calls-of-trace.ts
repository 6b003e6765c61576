import { completionTokens, promptTokens, type Span } from '@maru/api/records';
import { readPromptMarks } from './prompt-marks.ts';

/** One call of a model as the traces know it: how much, when, and which prompts begin alike; never what was said. */
export interface RecordedCall {
  readonly startMs: number;
  readonly tenant: string;
  readonly session: string | undefined;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Bytes of the prompt, as estimated at the gate. */
  readonly promptBytes: number;
  readonly marks: Buffer;
}

const BYTES_PER_TOKEN = 4;

/** The calls of a trace that an engine has answered: each request once, whatever it took to answer it. */
export function callsOfTrace(spans: readonly Span[]): readonly RecordedCall[] {
  const children = new Map<string, Span[]>();
  for (const span of spans) {
    if (span.parentSpanId === null) continue;
    const known = children.get(span.parentSpanId);
    if (known === undefined) children.set(span.parentSpanId, [span]);
    else known.push(span);
  }
  return spans.flatMap((span) => (span.kind === 'gateway' ? (callOf(span, children.get(span.spanId) ?? []) ?? []) : []));
}

function callOf(gateway: Span, children: readonly Span[]): RecordedCall | undefined {
  const engine = children.findLast(({ kind, usage }) => kind === 'engine' && usage !== undefined && completionTokens(usage) > 0);
  if (engine?.usage === undefined) return undefined;
  const route = children.findLast(({ kind }) => kind === 'route');
  const estimate = route?.attributes['promptTokens'];
  return {
    startMs: gateway.startMs,
    tenant: gateway.tenant,
    session: gateway.session,
    model: engine.model ?? gateway.model ?? '',
    inputTokens: Math.max(1, promptTokens(engine.usage)),
    outputTokens: completionTokens(engine.usage),
    promptBytes: typeof estimate === 'number' ? estimate * BYTES_PER_TOKEN : 0,
    marks: readPromptMarks(route?.attributes ?? {}),
  };
}
