import { PlatformError } from '@maru/api/errors';
import { type Usage, ZERO_USAGE } from '@maru/api/records';
import { z } from 'zod';
import { send } from './request.ts';
import { readEvents } from './sse.ts';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

const sourceSchema = z.object({
  citation: z.string(),
  document: z.string(),
  heading: z.string().nullish(),
  page: z.number().nullish(),
  text: z.string(),
});
export type Source = z.infer<typeof sourceSchema>;

const usageChunkSchema = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: z.number().nullish() }).nullish(),
});

const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish(), sources: z.array(sourceSchema).nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: usageChunkSchema.nullish(),
  error: z.object({ message: z.string() }).nullish(),
});

/** Where the gateway sent a request, as its headers say. */
export interface ChatRoute {
  readonly requestId: string | null;
  readonly traceId: string | null;
  readonly model: string | null;
  readonly endpoint: string | null;
  readonly reason: string | null;
  readonly simulated: boolean;
}

export type ChatEvent =
  | { readonly type: 'start'; readonly route: ChatRoute }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'sources'; readonly sources: readonly Source[] }
  | { readonly type: 'usage'; readonly usage: Usage };

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly temperature?: number;
  readonly signal: AbortSignal;
}

const toUsage = (usage: z.infer<typeof usageChunkSchema>): Usage => {
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  return {
    ...ZERO_USAGE,
    inputTokens: Math.max(0, usage.prompt_tokens - cached),
    cacheReadTokens: cached,
    outputTokens: Math.max(0, usage.completion_tokens - reasoning),
    reasoningTokens: reasoning,
  };
};

const routeOf = ({ headers }: Response): ChatRoute => ({
  requestId: headers.get('x-request-id'),
  traceId: headers.get('x-maru-trace-id'),
  model: headers.get('x-maru-model'),
  endpoint: headers.get('x-maru-endpoint'),
  reason: decodeReason(headers.get('x-maru-route-reason')),
  simulated: headers.get('x-maru-simulated') === 'true' || headers.get('x-maru-simulated') === '1',
});

/** Headers carry only Latin; a reason in another script comes percent-encoded. */
function decodeReason(reason: string | null): string | null {
  if (reason === null) return null;
  try {
    return decodeURIComponent(reason);
  } catch {
    return reason;
  }
}

/** Events of one chunk of an answer; unknown chunks are passed over, an error inside the stream is thrown. */
export function eventsOfChunk(data: string): readonly ChatEvent[] {
  const parsed = chunkSchema.safeParse(JSON.parse(data));
  if (!parsed.success) return [];
  const chunk = parsed.data;
  if (chunk.error) throw new PlatformError('upstream_cut', { message: chunk.error.message });
  const events: ChatEvent[] = [];
  const delta = chunk.choices[0]?.delta;
  if (delta?.content) events.push({ type: 'text', text: delta.content });
  if (delta?.sources) events.push({ type: 'sources', sources: delta.sources });
  if (chunk.usage) events.push({ type: 'usage', usage: toUsage(chunk.usage) });
  return events;
}

/** Asks a model, route or agent and yields the answer as it is made; stops the work upstream when the signal fires. */
export async function* streamChat({ model, messages, temperature, signal }: ChatRequest): AsyncGenerator<ChatEvent> {
  const response = await send('/v1/chat/completions', {
    method: 'POST',
    signal,
    headers: { accept: 'text/event-stream' },
    body: { model, messages, stream: true, stream_options: { include_usage: true }, ...(temperature === undefined ? {} : { temperature }) },
  });
  yield { type: 'start', route: routeOf(response) };
  for await (const event of readEvents(response)) {
    if (event.data === '[DONE]') return;
    yield* eventsOfChunk(event.data);
  }
}
