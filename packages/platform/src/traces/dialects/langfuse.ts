import type { SpanKind } from '@maru/api/records';
import type { TraceGiven } from '../entry.ts';
import { costFromDetails, usageFromDetails } from './langfuse-usage.ts';
import { type Attributes, contentOf, type Reading, textOf, unwrapJson } from './reading.ts';

const KINDS: Readonly<Record<string, SpanKind>> = {
  generation: 'engine',
  embedding: 'embedding',
  agent: 'agent',
  tool: 'tool',
  chain: 'step',
  retriever: 'retrieval',
  evaluator: 'evaluation',
  guardrail: 'step',
};

/** The kind of a Langfuse observation type, in whatever case it is written. */
export const langfuseKind = (type: string | undefined): SpanKind | undefined => (type === undefined ? undefined : (KINDS[type.toLowerCase()] ?? 'other'));

/** Attributes of the Langfuse SDKs: Python 3 and later, JavaScript 4 and later. */
export function readLangfuse(attributes: Attributes): Reading {
  const level = textOf(attributes, 'langfuse.observation.level');
  const firstToken = textOf(attributes, 'langfuse.observation.completion_start_time');
  const usage = objectOf(attributes['langfuse.observation.usage_details']);
  const cost = objectOf(attributes['langfuse.observation.cost_details']);
  const firstTokenAtMs = firstToken === undefined ? undefined : Date.parse(firstToken.replace(/^"|"$/g, ''));
  return {
    kind: langfuseKind(textOf(attributes, 'langfuse.observation.type')),
    model: textOf(attributes, 'langfuse.observation.model.name', 'langfuse.observation.model'),
    usage: usage === undefined ? undefined : usageFromDetails(usage),
    costNanoUsd: cost === undefined ? undefined : costFromDetails(cost),
    session: textOf(attributes, 'session.id', 'langfuse.session.id'),
    user: textOf(attributes, 'user.id', 'langfuse.user.id'),
    status: level === undefined ? undefined : level.toUpperCase() === 'ERROR' ? 'error' : undefined,
    statusMessage: textOf(attributes, 'langfuse.observation.status_message'),
    firstTokenAtMs: firstTokenAtMs !== undefined && Number.isFinite(firstTokenAtMs) ? firstTokenAtMs : undefined,
    input: contentOf(attributes, 'langfuse.observation.input'),
    output: contentOf(attributes, 'langfuse.observation.output'),
    given: readGiven(attributes),
  };
}

/** Langfuse writes what belongs to the whole trace on any of its spans. */
function readGiven(attributes: Attributes): TraceGiven | undefined {
  const tags = unwrapJson(attributes['langfuse.trace.tags']);
  const metadata = { ...objectOf(attributes['langfuse.trace.metadata']), ...under(attributes, 'langfuse.trace.metadata.') };
  const given: Record<string, unknown> = {
    name: textOf(attributes, 'langfuse.trace.name'),
    environment: textOf(attributes, 'langfuse.environment'),
    release: textOf(attributes, 'langfuse.release'),
    version: textOf(attributes, 'langfuse.version'),
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : undefined,
    metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
    input: contentOf(attributes, 'langfuse.trace.input'),
    output: contentOf(attributes, 'langfuse.trace.output'),
  };
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  const unwrapped = unwrapJson(value);
  return typeof unwrapped === 'object' && unwrapped !== null && !Array.isArray(unwrapped) ? (unwrapped as Record<string, unknown>) : undefined;
}

const under = (attributes: Attributes, prefix: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(attributes).flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), unquote(value)]] : [])));

/** Python 5 writes metadata as JSON, also where it is a plain text. */
const unquote = (value: unknown): unknown => {
  if (typeof value !== 'string' || !/^".*"$/s.test(value)) return unwrapJson(value);
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
};
