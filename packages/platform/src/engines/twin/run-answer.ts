import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { EngineReply } from '../engine.ts';
import { createByteQueue } from './byte-queue.ts';
import type { KvExchange } from './kv-transfer/kv-exchange.ts';
import type { EndedRequest, EngineRecord } from './metrics/engine-record.ts';
import type { TwinRequest } from './parse-request.ts';
import type { AnswerPlan } from './plan-answer.ts';
import type { Sequence, SequenceListener } from './sequence.ts';
import type { TwinDriver } from './twin-driver.ts';
import { createStreamWriter, type ReplyFacts, type ReplyUsage, wholeReply } from './wire.ts';

export interface AnswerContext {
  readonly driver: TwinDriver;
  readonly record: EngineRecord;
  readonly facts: ReplyFacts;
  readonly signal: AbortSignal;
  readonly exchange: KvExchange;
  /** LoRA adapter that answers; the base model where undefined. */
  readonly adapter: string | undefined;
  /** Milliseconds of the driver's clock. */
  readonly nowMs: () => number;
}

/** Lets the engine generate a planned answer; a streamed reply comes back at once, a whole one when it is complete. */
export async function runAnswer(request: TwinRequest, plan: AnswerPlan, context: AnswerContext): Promise<EngineReply> {
  const { driver, facts, signal, record } = context;
  const queue = createByteQueue();
  const writer = request.stream ? createStreamWriter(request, facts) : undefined;
  let sequence: Sequence | undefined;
  let done = false;

  const settle = (outcome: 'stop' | 'length' | 'abort'): void => {
    done = true;
    signal.removeEventListener('abort', onAbort);
    record.finished({ outcome, ...measure(sequence, context.nowMs()) });
  };
  const listener: SequenceListener = {
    onToken: (current, atMs) => {
      const { generated, lastTokens } = current;
      const isFirst = generated === lastTokens;
      if (isFirst) record.ttft.observe((atMs - current.arrivalMs) / 1000);
      else record.itl.observe((atMs - current.lastTokenMs) / 1000);
      sequence = current;
      if (writer === undefined) return;
      const piece = plan.pieces.slice(generated - lastTokens, generated).join('');
      queue.push((isFirst ? writer.start() : '') + (piece === '' ? '' : writer.text(piece)));
    },
    onFinish: (current) => {
      const usage = usageOf(plan, current);
      const handedOver = context.exchange.handOver(current);
      if (writer !== undefined) queue.push(writer.end(plan.finishReason, usage));
      else queue.push(Buffer.from(wholeReply(request, facts, { text: plan.pieces.join(''), finishReason: plan.finishReason, usage, handedOver })).toString());
      queue.end();
      settle(plan.finishReason);
    },
  };

  const { promptTokens, hashes } = plan;
  const { priority } = request;
  const outputTokens = plan.pieces.length;
  const stop = driver.submit({ promptTokens, outputTokens, hashes, listener, priority, adapter: context.adapter, ...context.exchange.begin(plan) });
  const abandon = (): void => {
    if (done) return;
    stop();
    settle('abort');
    const reason: unknown = signal.reason;
    queue.fail(isPlatformError(reason) ? reason : new PlatformError('cancelled', { message: 'the request was cancelled before its answer was complete' }));
  };
  function onAbort(): void {
    abandon();
  }
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) abandon();

  const headers = { 'x-maru-simulated': 'true' };
  const bytes = queue.read(abandon);
  if (request.stream) return { status: 200, headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8' }, body: bytes };
  const whole: Uint8Array[] = [];
  for await (const chunk of bytes) whole.push(chunk);
  return { status: 200, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, body: once(Buffer.concat(whole)) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const usageOf = (plan: AnswerPlan, sequence: Sequence): ReplyUsage => ({
  promptTokens: plan.promptTokens,
  completionTokens: sequence.generated,
  cachedTokens: Math.max(0, sequence.cachedTokens),
});

function measure(sequence: Sequence | undefined, nowMs: number): Omit<EndedRequest, 'outcome'> {
  if (sequence === undefined) return { e2eMs: 0, queueMs: 0, promptTokens: 0, generationTokens: 0, cachedTokens: 0 };
  return {
    e2eMs: nowMs - sequence.arrivalMs,
    queueMs: Math.max(0, sequence.admittedMs - sequence.arrivalMs),
    promptTokens: sequence.promptTokens,
    generationTokens: sequence.generated,
    cachedTokens: Math.max(0, sequence.cachedTokens),
  };
}
