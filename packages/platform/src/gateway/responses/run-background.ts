import { isPlatformError, PlatformError } from '@maru/api/errors';
import { SseParser } from '#http';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { checkNamed, findTarget } from '../admit-call.ts';
import { createLocalSink, type LocalReply } from '../client-sink.ts';
import { Lifetime } from '../lifetime.ts';
import type { Incoming } from '../open-call.ts';
import { parseRequest } from '../parse-request.ts';
import type { Catalogue } from '../ports.ts';
import { EventLog } from './event-log.ts';
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

/** A response that is being made. */
export interface StartedResponse {
  readonly id: string;
  /** As it is queued. */
  readonly answer: Json;
  /** Its stream was asked for. */
  readonly stream: boolean;
}

/** Begins a response that nobody waits for. Throws what is wrong with the request, `overloaded` when too many are running, and `shutting_down`. */
export async function startBackground(incoming: Incoming, prepared: PreparedResponse, tools: BackgroundTools): Promise<StartedResponse> {
  const { responses, clock, ids } = tools;
  const request = parseRequest(incoming.door.door, prepared.body);
  const target = findTarget(tools.catalogue, incoming.principal, request.model);
  checkNamed(target, false);
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
    const events = request.stream
      ? { events: ['response.created', 'response.queued'].map((type, index) => ({ type, sequence_number: index, response: queued })) }
      : {};
    await responses.begin(tenant, { id, previousId, input, answer: { ...queued, status: 'in_progress' }, ...events }, cancel);
  } catch (error) {
    tools.leave(lifetime);
    throw error;
  }
  void finish({ ...incoming, body: prepared.body, lifetime }, { ...tools, id, queued });
  return { id, answer: queued, stream: request.stream };
}

async function finish(incoming: Omit<Incoming, 'sink'>, tools: BackgroundTools & Queued): Promise<void> {
  const { id, queued } = tools;
  const { tenant } = incoming.principal;
  try {
    const { status, answer } = await make(incoming, tools);
    // What the engine can not know stays as the platform has said it.
    const own = { id, background: true, store: true, previous_response_id: queued['previous_response_id'], status };
    await tools.responses.finish(tenant, { id, status, answer: { ...queued, ...answer, ...own } });
  } catch (error) {
    const code = isPlatformError(error) ? error.code : 'internal';
    tools.log.error({ responseId: id, code }, 'a response in the background could not be kept');
  } finally {
    tools.leave(incoming.lifetime);
  }
}

interface Queued {
  readonly id: string;
  readonly queued: Json;
}

/** Never throws: what goes wrong is how the response ends. */
async function make(incoming: Omit<Incoming, 'sink'>, tools: BackgroundTools & Queued): Promise<End> {
  try {
    const reply = await new Promise<LocalReply>((resolve, reject) => {
      tools.run({ ...incoming, sink: createLocalSink(resolve, () => undefined) }).catch(reject);
    });
    const streams = reply.headers['content-type']?.startsWith('text/event-stream') === true;
    return endOf(await (streams ? logEvents(reply, incoming.principal.tenant, tools) : readReply(reply)), incoming.lifetime);
  } catch (error) {
    const known =
      isPlatformError(error) && error.code !== 'internal' ? error : new PlatformError('internal', { message: 'the response could not be made', cause: error });
    // The engine is stopped where nobody could read what it still says.
    incoming.lifetime.end(known);
    return endOf({ error: { code: known.code, message: known.message } }, incoming.lifetime);
  }
}

/** Writes the stream of an engine to the database; returns the response of its last event, or its error. */
async function logEvents(reply: LocalReply, tenant: string, { id, queued, responses, clock }: BackgroundTools & Queued): Promise<Json> {
  const log = new EventLog({ clock, first: 2, append: (events) => responses.append(tenant, id, events) });
  const parser = new SseParser();
  let last: Json = { error: { message: 'the stream ended before the answer was complete' } };
  for await (const chunk of reply.body) {
    for (const { data } of parser.push(chunk)) {
      const event = JSON.parse(data) as Json;
      const type = String(event['type']);
      const response = event['response'] as Json | undefined;
      if (type === 'response.completed' || type === 'response.incomplete') last = response ?? last;
      else if (type === 'response.failed') last = { error: response?.['error'] ?? {} };
      else if (type === 'error') last = { error: event['error'] ?? event };
      else if (type !== 'response.created' && type !== 'response.queued') {
        await log.add(response === undefined ? event : { ...event, response: { ...queued, status: 'in_progress' } });
      }
    }
  }
  await log.close();
  return last;
}

interface End {
  readonly status: ResponseStatus;
  readonly answer: Json;
}

function endOf(value: Json, lifetime: Lifetime): End {
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
