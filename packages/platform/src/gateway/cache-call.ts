import type { Span, Usage } from '@maru/api/records';
import { type AnswerCache, type CacheControls, type CachedAnswer, type CacheTurn, readCacheControls } from '#cache';
import type { Clock, Ids } from '#time';
import { costHeader } from './answer-headers.ts';
import type { AdmittedCall, RanAttempt } from './call.ts';
import { callSpan } from './call-spans.ts';
import type { Admission, Awaitable, CallCache, CallCachePolicy, Tracer } from './ports.ts';
import { type Recording, recordSink } from './recording-sink.ts';
import { replayAnswer } from './replay-answer.ts';

export interface CacheCallTools {
  readonly ports: { readonly cache?: CallCache; readonly admission: Admission; readonly tracer: Tracer };
  readonly clock: Clock;
  readonly ids: Ids;
}

/** A call after it has asked the cache. */
export interface CachedCall {
  /** Records what is sent, where the answer may be kept. */
  readonly call: AdmittedCall;
  /** On a hit: settles the reservation, says so, and gives the answer again. */
  readonly replay?: (onSettled: () => void) => Promise<void>;
  /** The call was answered in full; the answer is kept where that is allowed. */
  keep(ran: RanAttempt, charged: { readonly costNanoUsd: number | null } | undefined): void;
  /** The call is over; without `keep` before it, others that wait ask by themselves. */
  leave(): void;
}

/**
 * Asks the cache of the route; undefined where it has none, or none for this call. Throws `invalid_request` for wrong controls, and the
 * reason when the client goes while it waits.
 */
export function askCache(call: AdmittedCall, field: unknown, tools: CacheCallTools): Awaitable<CachedCall | undefined> {
  const { cache } = tools.ports;
  const policy = cache !== undefined && mayBeKept(call) ? cache.policyOf(call.facts) : undefined;
  if (cache === undefined || policy === undefined) return undefined;
  const controls = readCacheControls(field, call.facts.headers['cache-control']);
  if (!(policy.byDefault || controls.use) || (call.request.tools && !policy.tools) || (controls.noCache && controls.noStore)) return undefined;
  return ask(call, { cache: cache.cache, policy, controls }, tools);
}

interface Asked {
  readonly cache: AnswerCache;
  readonly policy: CallCachePolicy;
  readonly controls: CacheControls;
}

async function ask(call: AdmittedCall, asked: Asked, tools: CacheCallTools): Promise<CachedCall> {
  const { policy } = asked;
  const startMs = tools.clock.nowMs();
  const turn = await open(call, asked);
  const spanOf = (attributes: Record<string, unknown>): Span =>
    callSpan({
      call,
      spanId: tools.ids.spanId(),
      parentSpanId: call.spanId,
      name: `cache ${turn.kind}`,
      kind: 'cache',
      startMs,
      endMs: tools.clock.nowMs(),
      model: call.target.name,
      attributes: { requestId: call.requestId, key: short(turn.key), result: turn.kind, ...attributes },
    });
  if (turn.kind === 'miss') {
    tools.ports.tracer.record(spanOf({}));
    return recordMiss(call, turn, { policy, clock: tools.clock });
  }

  const { answer } = turn;
  const ageS = Math.max(0, Math.round((startMs - answer.createdMs) / 1000));
  return {
    call,
    keep: () => undefined,
    leave: () => undefined,
    replay: async (onSettled) => {
      const costNanoUsd = await chargeHit(call, answer, { policy, admission: tools.ports.admission });
      onSettled();
      const savedNanoUsd = answer.costNanoUsd === null ? null : answer.costNanoUsd - (costNanoUsd ?? 0);
      tools.ports.tracer.record(
        spanOf({ how: turn.how, ageS, savedNanoUsd, costNanoUsd, ...(turn.score === undefined ? {} : { score: Number(turn.score.toFixed(4)) }) }),
      );
      await replayAnswer(call, answer, { timed: policy.timed, headers: hitHeaders(call, turn, { ageS, costNanoUsd, savedNanoUsd }) });
    },
  };
}

async function open(call: AdmittedCall, options: Asked): Promise<CacheTurn> {
  const time = call.lifetime.begin();
  try {
    return await options.cache.open(
      {
        tenant: call.principal.tenant,
        keyId: call.principal.keyId,
        user: call.payee.user,
        model: call.target.name,
        operation: [call.door.format ?? call.operation, call.request.stream].join(':'),
        body: call.facts.value(),
      },
      { policy: options.policy, controls: options.controls, signal: time.signal },
    );
  } finally {
    time.end();
  }
}

/** What answers the same question the same way. */
const OPERATIONS: ReadonlySet<string> = new Set(['chat', 'completions', 'embeddings', 'moderations', 'rerank', 'score']);

/** Answers that others can refer to later, and answers of agents, which act, are never kept. */
function mayBeKept(call: AdmittedCall): boolean {
  if (call.target.kind === 'agent' || !OPERATIONS.has(call.operation)) return false;
  const { fields } = call.request;
  return !fields.has('previous_response_id') && !fields.has('conversation') && !fields.has('background');
}

function recordMiss(
  call: AdmittedCall,
  turn: Extract<CacheTurn, { kind: 'miss' }>,
  options: { readonly policy: CallCachePolicy; readonly clock: Clock },
): CachedCall {
  const { clock } = options;
  const recording: Recording = recordSink(call.sink, {
    clock,
    maxBytes: options.policy.maxAnswerBytes,
    headers: { 'x-maru-cache': 'miss', 'x-maru-cache-key': short(turn.key) },
  });
  let kept = false;
  return {
    call: { ...call, sink: recording.sink },
    keep(ran, charged) {
      const taken = recording.taken();
      if (taken === undefined || ran.result.kind !== 'answered') return;
      kept = true;
      const { engine, model } = ran.attempt;
      void turn.keep({
        ...taken,
        model,
        endpoint: engine.endpoint,
        provider: engine.provider,
        servedName: engine.servedName,
        simulated: engine.simulated,
        createdMs: clock.nowMs(),
        costNanoUsd: charged?.costNanoUsd ?? null,
        usage: ran.result.usage,
      });
    },
    leave: () => {
      if (!kept) turn.leave();
    },
  };
}

/** A hit uses no tokens; only where the route says so, a share of what the first answer cost is charged. */
async function chargeHit(
  call: AdmittedCall,
  answer: CachedAnswer,
  options: { readonly policy: CallCachePolicy; readonly admission: Admission },
): Promise<number | null> {
  const { policy, admission } = options;
  if (policy.chargePercent === 0 || isEmpty(answer.usage)) {
    await admission.release(call.reservation);
    return 0;
  }
  const { requestId, traceId } = call;
  const { model, endpoint, provider, servedName, simulated, usage } = answer;
  const facts = { requestId, traceId, requestedModel: call.target.name, model, endpoint, provider, servedName, simulated, usage, estimated: false };
  const charged = await admission.settle(call.reservation, { ...facts, outcome: 'ok', share: policy.chargePercent / 100 });
  return charged.costNanoUsd;
}

const isEmpty = (usage: Usage): boolean => Object.values(usage).every((amount) => amount === 0);

/** Enough of a key to find an answer again in traces and logs. */
const short = (key: string): string => key.slice(0, 16);

function hitHeaders(
  call: AdmittedCall,
  turn: Extract<CacheTurn, { kind: 'hit' }>,
  facts: { readonly ageS: number; readonly costNanoUsd: number | null; readonly savedNanoUsd: number | null },
): Record<string, string> {
  const saved = costHeader(facts.savedNanoUsd)['x-maru-cost-usd'];
  return {
    'x-request-id': call.requestId,
    'x-maru-trace-id': call.traceId,
    'x-maru-model': turn.answer.model,
    'x-maru-simulated': turn.answer.simulated ? 'true' : 'false',
    'x-maru-cache': turn.how === 'semantic' ? 'semantic-hit' : 'hit',
    'x-maru-cache-key': short(turn.key),
    age: String(facts.ageS),
    ...(saved === undefined ? {} : { 'x-maru-cache-saved-usd': saved }),
    ...costHeader(facts.costNanoUsd),
    ...call.reservation.headers,
  };
}
