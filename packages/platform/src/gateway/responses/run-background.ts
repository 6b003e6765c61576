import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { findTarget } from '../admit-call.ts';
import { createLocalSink, type LocalReply } from '../client-sink.ts';
import { Lifetime } from '../lifetime.ts';
import type { Incoming } from '../open-call.ts';
import { parseRequest } from '../parse-request.ts';
import type { Catalogue } from '../ports.ts';
import type { PreparedResponse } from './prepare-response.ts';
import type { ResponseStatus } from './response-store.ts';
import type { Responses } from './responses.ts';

type Json = Readonly<Record<string, unknown>>;

/** Responses that one process makes in the background at once. */
const MAX_RUNNING = 256;

export interface BackgroundTools {
  readonly responses: Responses;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Runs the call; resolves when it has been answered, in whatever way. */
  readonly run: (incoming: Incoming) => Promise<void>;
  /** Told about the life of the call, so that the gateway can end it. */
  readonly enter: (lifetime: Lifetime) => void;
  readonly leave: (lifetime: Lifetime) => void;
}

/**
 * Begins a response that nobody waits for, and returns it as it is queued. Throws what is wrong with the request, `not_supported` for a
 * stream, `overloaded` when too many are running, and `shutting_down`.
 */
export async function startBackground(incoming: Incoming, prepared: PreparedResponse, tools: BackgroundTools): Promise<Json> {
  const { responses, clock, ids } = tools;
  const request = parseRequest(incoming.door.door, prepared.body);
  const target = findTarget(tools.catalogue, incoming.principal, request.model);
  if (request.stream) {
    const message = 'a response in the background is not streamed; leave "stream" out and read it with GET /v1/responses/{id}';
    throw new PlatformError('not_supported', { message, details: { param: 'stream' } });
  }
  if (responses.running() >= MAX_RUNNING) {
    throw new PlatformError('overloaded', { message: `${MAX_RUNNING} responses are being made in the background`, retryAfterS: 5 });
  }
  const { tenant } = incoming.principal;
  const { previousId, input } = prepared;
  const lifetime = new Lifetime(clock);
  tools.enter(lifetime);
  const id = ids.next('resp');
  const value = request.value();
  const queued: Json = {
    id,
    object: 'response',
    created_at: Math.floor(clock.nowMs() / 1000),
    status: 'queued',
    background: true,
    error: null,
    incomplete_details: null,
    instructions: value['instructions'] ?? null,
    max_output_tokens: value['max_output_tokens'] ?? null,
    metadata: value['metadata'] ?? {},
    model: target.name,
    output: [],
    parallel_tool_calls: value['parallel_tool_calls'] ?? true,
    previous_response_id: previousId ?? null,
    store: true,
    tool_choice: value['tool_choice'] ?? 'auto',
    tools: value['tools'] ?? [],
    usage: null,
  };
  const cancel = (): void => lifetime.end(new PlatformError('cancelled', { message: 'the response was cancelled' }));
  try {
    await responses.begin(tenant, { id, previousId, input, answer: { ...queued, status: 'in_progress' } }, cancel);
  } catch (error) {
    tools.leave(lifetime);
    throw error;
  }
  void finish({ ...incoming, body: prepared.body, lifetime }, { ...tools, id, queued });
  return queued;
}

async function finish(incoming: Omit<Incoming, 'sink'>, tools: BackgroundTools & { readonly id: string; readonly queued: Json }): Promise<void> {
  const { id, queued } = tools;
  const { tenant } = incoming.principal;
  try {
    const replied = new Promise<LocalReply>((resolve, reject) => {
      tools.run({ ...incoming, sink: createLocalSink(resolve, () => undefined) }).catch(reject);
    });
    const { status, answer } = endOf(await readReply(await replied), incoming.lifetime);
    await tools.responses.finish(tenant, { id, status, answer: { ...queued, ...answer, id, background: true, status } });
  } catch (error) {
    const code = isPlatformError(error) ? error.code : 'internal';
    tools.log.error({ responseId: id, code }, 'a response in the background could not be kept');
  } finally {
    tools.leave(incoming.lifetime);
  }
}

function endOf(value: Json, lifetime: Lifetime): { readonly status: ResponseStatus; readonly answer: Json } {
  if (lifetime.reason?.code === 'cancelled') return { status: 'cancelled', answer: {} };
  const { error } = value;
  if (value['object'] !== 'response' && typeof error === 'object' && error !== null) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    return { status: 'failed', answer: { error: { code: code ?? 'server_error', message: message ?? 'no message' } } };
  }
  return { status: value['status'] === 'incomplete' ? 'incomplete' : 'completed', answer: value };
}

async function readReply(reply: LocalReply): Promise<Json> {
  const chunks: Buffer[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Json;
}
