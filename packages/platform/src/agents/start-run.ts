import { PlatformError } from '@maru/api/errors';
import type { Agent } from '@maru/api/resources';
import type { Store } from '#store';
import type { Clock, Ids } from '#time';
import { recall } from './memory.ts';
import { type ChatMessage, conversationSchema, questionOf } from './messages.ts';
import type { NewRunRow } from './run-row.ts';
import { parseTraceparent } from './run-trace.ts';

export interface StartOptions {
  /** A question; the session's memory is put before it. */
  readonly input?: string;
  /** A whole conversation, for clients that keep it themselves; the memory is not used. */
  readonly messages?: readonly ChatMessage[];
  readonly tenant: string;
  readonly keyId: string;
  readonly session?: string;
  /** W3C Trace Context of the caller; a trace is begun when it is absent or wrong. */
  readonly traceparent?: string;
}

export interface NestedOptions {
  readonly runId: string;
  readonly parentRunId: string;
  readonly depth: number;
}

const MAX_INPUT_CHARACTERS = 200_000;

/** The row of a new run; throws `invalid_request` when there is no question or too much of it. */
export async function newRun(
  deps: { store: Store; clock: Clock; ids: Ids },
  agent: Agent,
  options: StartOptions & { nested?: NestedOptions },
): Promise<NewRunRow> {
  const { store, clock, ids } = deps;
  const name = agent.metadata.name;
  const given = readConversation(options);
  const memory =
    options.messages === undefined && options.session !== undefined
      ? await recall(store, { tenant: options.tenant, agent: name, session: options.session }, agent.spec.memory.messages)
      : [];
  const parent = parseTraceparent(options.traceparent);
  return {
    id: options.nested?.runId ?? ids.next('run'),
    agent: name,
    tenant: options.tenant,
    key_id: options.keyId,
    session: options.session ?? null,
    state: 'queued',
    created_ms: clock.nowMs(),
    started_ms: null,
    ended_ms: null,
    trace_id: parent?.traceId ?? ids.traceId(),
    span_id: ids.spanId(),
    parent_span_id: parent?.spanId ?? null,
    parent_run_id: options.nested?.parentRunId ?? null,
    depth: options.nested?.depth ?? 0,
    resource: JSON.stringify({ apiVersion: agent.apiVersion, kind: agent.kind, metadata: { name }, spec: agent.spec }),
    input: JSON.stringify(options.messages === undefined ? { input: options.input } : { input: questionOf(given), messages: given.length }),
    messages: JSON.stringify([...memory, ...given]),
    output: null,
    error_code: null,
    error_message: null,
    usage: null,
    cancel_requested: 0,
    active_ms: 0,
    lease_holder: null,
    lease_fence: 0,
    lease_until_ms: 0,
  };
}

function readConversation(options: StartOptions): readonly ChatMessage[] {
  if (options.messages !== undefined) {
    const parsed = conversationSchema.safeParse(options.messages);
    const issue = parsed.error?.issues[0];
    if (parsed.success) return parsed.data as readonly ChatMessage[];
    throw new PlatformError('invalid_request', {
      message: `messages${issue?.path.map((part) => `[${JSON.stringify(part)}]`).join('') ?? ''}: ${issue?.message ?? 'not a conversation'}`,
      details: { param: 'messages' },
    });
  }
  const input = options.input ?? '';
  if (input.trim() === '') throw new PlatformError('invalid_request', { message: 'a run needs an input or messages', details: { param: 'input' } });
  if (input.length > MAX_INPUT_CHARACTERS)
    throw new PlatformError('invalid_request', { message: `the input is longer than ${MAX_INPUT_CHARACTERS} characters`, details: { param: 'input' } });
  return [{ role: 'user', content: input }];
}
