import { isPlatformError, PlatformError, toPlatformError } from '@maru/api/errors';
import type { Clock } from '#time';
import { amendRequest } from '../amend-request.ts';
import type { Engine, EngineReply, EngineRequest } from '../engine.ts';
import { withCachedTokens } from './cached-tokens.ts';
import { type ComputedPrompt, readPrefillReply } from './prefill-reply.ts';
import { decodeBody, prefillBody, withoutTransfer } from './transfer-body.ts';

/** The part of a call that computes its prompt. */
export interface PrefillLeg {
  readonly endpoint: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly outcome: 'ok' | 'error' | 'cancelled';
  /** Why the decode engine computes the prompt itself. */
  readonly error?: PlatformError;
  readonly computed?: ComputedPrompt;
}

export interface HandOverOptions {
  readonly decode: Engine;
  /** Absent where the decode engine computes the prompt. */
  readonly prefill?: {
    readonly engine: Engine;
    /** The longest that it may take, in milliseconds. */
    readonly timeoutMs: number;
    /** Told once per call, before the decode engine is asked. */
    readonly onLeg: (leg: PrefillLeg) => void;
  };
  readonly clock: Clock;
}

/**
 * The decode engine, asked with keys and values that a prefill engine has computed, handed over by `kv_transfer_params` as vLLM does. Whatever
 * goes wrong with the prefill, the decode engine computes the prompt itself; a call is lost only where the decode engine loses it. The answer
 * says of its cached tokens what the prefill engine found. Transfer parameters of a client reach no engine.
 */
export function handOver(options: HandOverOptions): Engine {
  const { decode, prefill } = options;

  const call = async (request: EngineRequest): Promise<EngineReply> => {
    const body = withoutTransfer(request.body);
    const plain = body === request.body ? request : requestWith(request, body);
    const computed = prefill === undefined ? undefined : await computePrompt(prefill, options.clock, plain);
    if (computed === undefined) return decode.call(plain);
    const reply = await decode.call(requestWith(plain, decodeBody(body, computed.params)));
    if (reply.status >= 500) {
      // It could not fetch what it was pointed to; nothing has been shown yet.
      await reply.body[Symbol.asyncIterator]().return?.();
      return decode.call(plain);
    }
    return { ...reply, body: withCachedTokens(reply.body, computed.cachedTokens) };
  };

  return { ...decode, speaks: OPENAI, call };
}

const OPENAI = Object.freeze(['openai-chat'] as const);

/** Undefined where the decode engine has to compute the prompt; throws only when the call itself was cancelled. */
async function computePrompt(prefill: NonNullable<HandOverOptions['prefill']>, clock: Clock, request: EngineRequest): Promise<ComputedPrompt | undefined> {
  const { endpoint } = prefill.engine;
  const startMs = clock.nowMs();
  const told = (rest: Pick<PrefillLeg, 'outcome' | 'error' | 'computed'>): void => prefill.onLeg({ endpoint, startMs, endMs: clock.nowMs(), ...rest });
  const body = request.operation === 'embeddings' ? undefined : prefillBody(request.body);
  if (body === undefined) {
    told({ outcome: 'cancelled', error: new PlatformError('not_supported', { message: 'several answers to one prompt can not share its transfer' }) });
    return undefined;
  }
  const giveUp = new AbortController();
  const timer = clock.schedule(prefill.timeoutMs, () =>
    giveUp.abort(new PlatformError('upstream_timeout', { message: `${endpoint} did not compute the prompt within ${prefill.timeoutMs} ms` })),
  );
  const onAbort = (): void => giveUp.abort(request.signal.reason);
  request.signal.addEventListener('abort', onAbort, { once: true });
  if (request.signal.aborted) onAbort();
  try {
    const computed = await untilAborted(giveUp.signal, async () =>
      readPrefillReply(await prefill.engine.call({ ...requestWith(request, body), stream: false, signal: giveUp.signal, onAbort: undefined }), endpoint),
    );
    told({ outcome: 'ok', computed });
    return computed;
  } catch (thrown) {
    const cancelled = request.signal.aborted;
    const reason: unknown = giveUp.signal.aborted ? giveUp.signal.reason : thrown;
    const error = isPlatformError(reason) ? reason : toPlatformError(reason, 'upstream_unreachable');
    told({ outcome: cancelled ? 'cancelled' : 'error', error });
    if (cancelled) throw error;
    return undefined;
  } finally {
    timer.cancel();
    request.signal.removeEventListener('abort', onAbort);
  }
}

/** An engine that is deaf to its signal must not hold the call. */
function untilAborted<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    if (signal.aborted) reject(signal.reason as Error);
    else run().then(resolve, reject);
  });
}

/** The request with other bytes; the pieces of the old ones go. */
const requestWith = (request: EngineRequest, body: Uint8Array): EngineRequest => amendRequest(request, { body, pieces: undefined });
