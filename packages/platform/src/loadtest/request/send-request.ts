import { isPlatformError, toPlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import { type Dialect, type RequestContent, toBody } from './dialect.ts';
import { readStream, readText, readWhole } from './read-answer.ts';
import type { RequestSample } from './request-sample.ts';
import type { Target } from './target.ts';

export interface SendContext {
  readonly target: Target;
  readonly clock: Clock;
  readonly dialect: Dialect;
  /** Stops the test. */
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Counts for a server that gives none. */
  readonly expectedInputTokens: number;
  /** When the plan wanted the request to leave. */
  readonly plannedMs: number;
}

/** Sends one request and measures it; never throws: a failure is a sample too. */
export async function sendRequest(content: RequestContent, context: SendContext): Promise<RequestSample> {
  const { clock, plannedMs, signal } = context;
  const body = toBody(content, context.dialect);
  const sentMs = clock.monotonicMs();
  const timeout = new AbortController();
  const timer = clock.schedule(context.timeoutMs, () => timeout.abort());
  const nothing = { sentMs, plannedMs, chunkMs: [], inputTokens: context.expectedInputTokens, outputTokens: 0, cachedTokens: undefined };
  const failed = (errorKind: string, errorText: string): RequestSample => ({ ...nothing, outcome: 'failed', errorKind, errorText, endMs: clock.monotonicMs() });
  try {
    const reply = await context.target.generate(body, AbortSignal.any([signal, timeout.signal]));
    if (reply.status !== 200) return failed(`http ${reply.status}`, (await readText(reply.body)).slice(0, 200));
    const read = content.streaming ? readStream : readWhole;
    const { chunkMs, inputTokens, outputTokens, cachedTokens } = await read(reply.body, () => clock.monotonicMs());
    if (chunkMs.length === 0) return failed('empty', 'the answer has no token');
    return {
      outcome: 'completed',
      sentMs,
      plannedMs,
      endMs: clock.monotonicMs(),
      chunkMs,
      inputTokens: inputTokens ?? context.expectedInputTokens,
      outputTokens: outputTokens ?? (content.streaming ? chunkMs.length : content.outputTokens),
      cachedTokens,
      simulated: reply.headers['x-maru-simulated'] === 'true',
    };
  } catch (error) {
    if (signal.aborted) return { ...nothing, outcome: 'cancelled', endMs: clock.monotonicMs() };
    if (timeout.signal.aborted) return failed('timeout', `no complete answer within ${context.timeoutMs} ms`);
    return failed(isPlatformError(error) ? error.code : 'internal', toPlatformError(error).message.slice(0, 200));
  } finally {
    timer.cancel();
  }
}
