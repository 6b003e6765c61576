import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { SseParser } from '#http';
import type { ChatDelta, ChatModel, ChatRequest } from './ports.ts';

/** One call in the wire format of OpenAI, as the gateway takes it from its clients. */
export interface ChatCallRequest {
  /** UTF-8 JSON. */
  readonly body: Uint8Array;
  /** Lower-case names; `traceparent` among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly context: ChatRequest['context'];
  readonly signal: AbortSignal;
}

export interface ChatCallReply {
  readonly status: number;
  /** Server-sent events, or a JSON object. */
  readonly body: AsyncIterable<Uint8Array>;
}

export type ChatCall = (request: ChatCallRequest) => Promise<ChatCallReply>;

const MAX_REPLY_BYTES = 20_000_000;

const deltaSchema = z.looseObject({
  content: z.string().nullish(),
  tool_calls: z
    .array(
      z.looseObject({
        index: z.number().int().nonnegative().nullish(),
        id: z.string().nullish(),
        function: z.looseObject({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
});
const replySchema = z.looseObject({
  choices: z.array(z.looseObject({ delta: deltaSchema.nullish(), message: deltaSchema.nullish(), finish_reason: z.string().nullish() })).nullish(),
  usage: z.unknown().optional(),
  error: z.looseObject({ message: z.string().nullish(), code: z.unknown().optional() }).nullish(),
});

/** A {@link ChatModel} over whatever takes OpenAI chat requests as bytes, such as the pipeline of the gateway. */
export function toChatModel(call: ChatCall): ChatModel {
  return {
    async *chat(request, signal) {
      const headers = { 'content-type': 'application/json', traceparent: request.context.traceparent };
      const reply = await call({ body: toBody(request), headers, context: request.context, signal });
      if (reply.status >= 400) throw await rejection(reply, request.model);
      yield* readReply(reply.body, request.model);
    },
  };
}

function toBody(request: ChatRequest): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      model: request.model,
      messages: request.messages,
      ...(request.tools.length === 0 ? {} : { tools: request.tools }),
      ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
      stream: true,
      stream_options: { include_usage: true },
    }),
  );
}

/** Reads a streamed answer; one that came whole is taken too, since some engines do not stream. */
async function* readReply(body: AsyncIterable<Uint8Array>, model: string): AsyncGenerator<ChatDelta> {
  const parser = new SseParser();
  let size = 0;
  let events = 0;
  let done = false;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_REPLY_BYTES) throw garbage(model, `its answer is longer than ${MAX_REPLY_BYTES} bytes`);
    for (const event of parser.push(chunk)) {
      events += 1;
      if (event.data === '[DONE]') done = true;
      else yield* toDeltas(event.data, model);
    }
  }
  if (events === 0) {
    yield* toDeltas(parser.rest, model);
    return;
  }
  if (!done) throw new PlatformError('upstream_cut', { message: `the answer of the model "${model}" ended before its end` });
}

function* toDeltas(text: string, model: string): Generator<ChatDelta> {
  const parsed = replySchema.safeParse(parseJson(text, model));
  if (!parsed.success) throw garbage(model, 'its answer is not a chat completion');
  const { choices, usage, error } = parsed.data;
  if (error !== undefined && error !== null)
    throw new PlatformError('upstream_rejected', { message: `the model "${model}" failed: ${(error.message ?? 'no reason given').slice(0, 500)}` });
  const choice = choices?.[0];
  const part = choice?.delta ?? choice?.message;
  yield {
    ...(typeof part?.content === 'string' ? { content: part.content } : {}),
    ...(part?.tool_calls === undefined || part.tool_calls === null ? {} : { tool_calls: part.tool_calls.map(toToolCall) }),
    ...(typeof choice?.finish_reason === 'string' ? { finish_reason: choice.finish_reason } : {}),
    ...(usage === undefined || usage === null ? {} : { usage }),
  };
}

type ToolCallPart = NonNullable<z.infer<typeof deltaSchema>['tool_calls']>[number];

const toToolCall = (part: ToolCallPart, position: number): NonNullable<ChatDelta['tool_calls']>[number] => ({
  index: part.index ?? position,
  ...(typeof part.id === 'string' ? { id: part.id } : {}),
  function: {
    ...(typeof part.function?.name === 'string' ? { name: part.function.name } : {}),
    ...(typeof part.function?.arguments === 'string' ? { arguments: part.function.arguments } : {}),
  },
});

function parseJson(text: string, model: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw garbage(model, 'its answer is not JSON', cause);
  }
}

async function rejection(reply: ChatCallReply, model: string): Promise<PlatformError> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of reply.body) {
    size += chunk.length;
    if (size > 64_000) break;
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const message = /"message"\s*:\s*"((?:[^"\\]|\\.){1,500})"/.exec(text)?.[1] ?? `HTTP ${reply.status}`;
  return new PlatformError('upstream_rejected', { message: `the model "${model}" refused the request: ${message}`, details: { status: reply.status } });
}

const garbage = (model: string, why: string, cause?: unknown): PlatformError =>
  new PlatformError('upstream_garbage', { message: `the model "${model}" can not be understood: ${why}`, ...(cause === undefined ? {} : { cause }) });
