import { PlatformError, toPlatformError } from '@maru/api/errors';
import type { Run } from '@maru/api/records';
import type { Agent } from '@maru/api/resources';
import { z } from 'zod';
import { parseJson, toErrorBody } from '#http';
import { answerEvents, answerObject } from './agent-answer.ts';
import type { Agents } from './create-agents.ts';
import type { ChatMessage } from './messages.ts';
import type { RunEvent } from './run-events.ts';
import type { AgentOutput } from './run-result.ts';

/** One chat request for the agent, with the fields of the engine port. */
export interface AgentEngineRequest {
  readonly operation: 'chat' | 'completions' | 'embeddings';
  readonly body: Uint8Array;
  readonly stream: boolean;
  /** Lower-case names; see {@link AGENT_HEADERS}. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface AgentEngineReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** An agent that answers like a model; it fits the engine port. */
export interface AgentEngine {
  readonly endpoint: string;
  readonly model: string;
  readonly provider: string;
  readonly servedName: string;
  readonly simulated: boolean;
  call(request: AgentEngineRequest): Promise<AgentEngineReply>;
  load(): { readonly running: number; readonly waiting: number };
  close(): Promise<void>;
}

/** Headers by which the gateway says who pays; it must set them itself and never pass on those of a client. */
export const AGENT_HEADERS = Object.freeze({ tenant: 'x-maru-tenant', keyId: 'x-maru-key-id', session: 'x-maru-session' });

export interface AgentEngineDeps {
  readonly agents: Pick<Agents, 'start' | 'stream' | 'cancel'>;
  /** Wall time for the `created` field, in milliseconds. */
  readonly nowMs: () => number;
}

const bodySchema = z.looseObject({
  messages: z.array(z.unknown()),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});

/**
 * Makes an agent answer as the model `agent/<name>`: the run is durable and visible like any other, and is cancelled when the client goes.
 * Its usage is the sum of the model calls, each of which the gateway has charged already.
 */
export function createAgentEngine(agent: Agent, deps: AgentEngineDeps): AgentEngine {
  const model = `agent/${agent.metadata.name}`;
  let running = 0;

  async function call(request: AgentEngineRequest): Promise<AgentEngineReply> {
    if (request.operation !== 'chat') throw new PlatformError('not_supported', { message: `"${model}" is an agent; it answers only /v1/chat/completions` });
    const body = bodySchema.safeParse(parseJson(request.body));
    if (!body.success) throw new PlatformError('invalid_request', { message: 'messages is missing or not a list', details: { param: 'messages' } });
    const { headers, signal } = request;
    const session = headers[AGENT_HEADERS.session];
    const run = await deps.agents.start(agent, {
      messages: body.data.messages as readonly ChatMessage[],
      tenant: headers[AGENT_HEADERS.tenant] ?? 'default',
      keyId: headers[AGENT_HEADERS.keyId] ?? '',
      ...(session === undefined ? {} : { session }),
      ...(headers['traceparent'] === undefined ? {} : { traceparent: headers['traceparent'] }),
    });
    running += 1;
    const events = watch(run, signal);
    const base = { runId: run.id, model, createdS: Math.floor(deps.nowMs() / 1000) };
    const replyHeaders = { 'x-maru-run-id': run.id };
    if (request.stream) {
      // The status must be known before the first byte: a run that fails without a word is an error, not a stream.
      const first = await firstWord(events);
      if (first?.type === 'run-end' && first.run.state !== 'succeeded') return failed(first.run, replyHeaders);
      const options = { ...base, agent, includeUsage: body.data.stream_options?.include_usage === true };
      return { status: 200, headers: { ...replyHeaders, 'content-type': 'text/event-stream; charset=utf-8' }, body: answerEvents(first, events, options) };
    }
    let last: RunEvent | undefined;
    for await (const event of events) last = event;
    if (last?.type === 'run-end' && last.run.state !== 'succeeded') return failed(last.run, replyHeaders);
    const output = last?.type === 'run-end' ? (last.run.output as AgentOutput) : undefined;
    return { status: 200, headers: { ...replyHeaders, 'content-type': 'application/json' }, body: once(answerObject(output, base)) };
  }

  /** The run's events up to its end, or to the question that only a person can answer; cancels the run when the client goes. */
  async function* watch(run: Run, signal: AbortSignal): AsyncGenerator<RunEvent> {
    try {
      for await (const event of deps.agents.stream(run.id, { signal })) {
        yield event;
        if (event.type === 'step-start' && event.step.state === 'waiting') return;
      }
      if (signal.aborted) {
        await deps.agents.cancel(run.id);
        throw new PlatformError('cancelled', { message: `the client left before run ${run.id} had ended`, cause: toPlatformError(signal.reason) });
      }
    } finally {
      running -= 1;
    }
  }

  return {
    endpoint: model,
    model,
    provider: 'agent',
    servedName: model,
    simulated: false,
    call,
    load: () => ({ running, waiting: 0 }),
    close: () => Promise.resolve(),
  };
}

/** The first event that a client can see, or the last one. */
async function firstWord(events: AsyncGenerator<RunEvent>): Promise<RunEvent | undefined> {
  let last: RunEvent | undefined;
  for (let next = await events.next(); next.done !== true; next = await events.next()) {
    last = next.value;
    if (last.type === 'text-delta' || last.type === 'run-end') return last;
  }
  return last;
}

function failed(run: Run, headers: Readonly<Record<string, string>>): AgentEngineReply {
  const code = run.error?.code ?? 'run_failed';
  const error = new PlatformError(code as PlatformError['code'], {
    message: run.error?.message ?? `run ${run.id} has ${run.state}`,
    details: { runId: run.id },
  });
  return { status: error.status, headers: { ...headers, 'content-type': 'application/json' }, body: once(toErrorBody(error)) };
}

async function* once(value: unknown): AsyncGenerator<Uint8Array> {
  yield Buffer.from(JSON.stringify(value));
}
