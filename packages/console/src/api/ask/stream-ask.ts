import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { send } from '../request.ts';
import { readEvents } from '../sse.ts';
import type { AnswerRoute, Ask, AskApi, AskEvent } from './ask.ts';
import { readChat } from './read-chat.ts';
import { readGemini } from './read-gemini.ts';
import { createMessagesReader } from './read-messages.ts';
import { readResponses } from './read-responses.ts';
import { toRequest } from './to-request.ts';

const READERS: Readonly<Record<AskApi, () => (value: unknown) => readonly AskEvent[]>> = {
  chat: () => readChat,
  messages: createMessagesReader,
  responses: () => readResponses,
  gemini: () => readGemini,
};

const errorSchema = z.object({ error: z.object({ message: z.string() }) });
const failedSchema = z.object({ type: z.literal('response.failed'), response: z.object({ error: z.object({ message: z.string() }).nullish() }) });

/** Throws the error that a stream carries, in the words of its API. */
function throwCarried(value: unknown): void {
  const carried = errorSchema.safeParse(value);
  const failed = failedSchema.safeParse(value);
  const message = carried.success ? carried.data.error.message : failed.success ? (failed.data.response.error?.message ?? 'the answer failed') : undefined;
  if (message !== undefined) throw new PlatformError('upstream_cut', { message });
}

const routeOf = ({ headers }: Response): AnswerRoute => ({
  requestId: headers.get('x-request-id'),
  traceId: headers.get('x-maru-trace-id'),
  model: headers.get('x-maru-model'),
  endpoint: headers.get('x-maru-endpoint'),
  reason: decoded(headers.get('x-maru-route-reason')),
  simulated: headers.get('x-maru-simulated') === 'true',
  cache: headers.get('x-maru-cache'),
  ageS: headers.get('age') === null ? null : Number(headers.get('age')),
  savedUsd: headers.get('x-maru-cache-saved-usd'),
  warnings: decoded(headers.get('x-maru-warnings')),
});

/** Headers carry only Latin; text in another script comes percent-encoded. */
function decoded(text: string | null): string | null {
  if (text === null) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Asks a model, route or agent and yields the answer as it is made; stops the work upstream when the signal fires. */
export async function* streamAsk(ask: Ask, signal: AbortSignal): AsyncGenerator<AskEvent> {
  const { path, body } = toRequest(ask);
  const read = READERS[ask.api]();
  let route: AnswerRoute | undefined;
  try {
    const response = await send(path, {
      method: 'POST',
      signal,
      headers: ask.stream ? { accept: 'text/event-stream' } : {},
      body,
      onResponse: (received) => {
        route = routeOf(received);
      },
    });
    yield { type: 'start', route: routeOf(response) };
    if (!ask.stream) {
      yield* read(await response.json());
      return;
    }
    for await (const event of readEvents(response)) {
      if (event.data === '[DONE]') return;
      const value: unknown = JSON.parse(event.data);
      throwCarried(value);
      yield* read(value);
    }
  } catch (error) {
    // A refusal has a trace too: it says which guardrail or which attempt it came from.
    if (route !== undefined) yield { type: 'start', route };
    throw error;
  }
}
