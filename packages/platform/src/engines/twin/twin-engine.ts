import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { Model } from '@maru/api/resources';
import { toErrorBody } from '#http';
import type { Clock, Ids } from '#time';
import type { Engine, EngineReply, EngineRequest, EngineRole } from '../engine.ts';
import type { KvEventLog } from './kv-events/kv-event-log.ts';
import { tokenizeRequest } from './kv-events/tokenize-request.ts';
import { createKvExchanges } from './kv-transfer/kv-exchange.ts';
import { createKvLink } from './kv-transfer/kv-link.ts';
import { createKvTransferMetrics } from './kv-transfer/kv-transfer-metrics.ts';
import { parseTwinRequest } from './parse-request.ts';
import { planAnswer } from './plan-answer.ts';
import { type TwinProfile, twinProfile, withTiming } from './profile.ts';
import { runAnswer } from './run-answer.ts';
import { createTwinCore } from './twin-core.ts';
import { createTwinDriver } from './twin-driver.ts';
import { FAULT_HEADER, KV_TRANSFER_FAULT } from './twin-fault.ts';
import { createTwinMetrics } from './twin-metrics.ts';

export interface TwinEngineOptions {
  /** A Model with `serving.engine: twin`. */
  readonly model: Model;
  /** Number of this replica, from 0; the endpoint is `NAME-REPLICA` where none is given. */
  readonly replica: number;
  readonly endpoint?: string;
  /** Which part of requests is meant for it; it can do both all the same. */
  readonly role?: EngineRole | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Where its cache tells what it holds. */
  readonly kvEvents?: KvEventLog | undefined;
}

/** An {@link Engine} that is simulated: real scheduling, cache and wire format; time by a profile; text without meaning. */
export interface TwinEngine extends Engine {
  readonly profile: TwinProfile;
  /** Tokens of prompt and answer together that it takes. */
  readonly maxModelLen: number;
  /** Metrics in the text format of Prometheus, with the names of vLLM. */
  metrics(): string;
  /** Prompt tokens of this request that the cache holds now; 0 for a body that it does not understand. */
  cachedTokensOf(operation: 'chat' | 'completions', body: Uint8Array): number;
  /** Token ids of a request, which are the bytes of its text, four by four; throws `invalid_request`. */
  tokenize(body: Uint8Array): readonly number[];
}

/**
 * Makes one replica of the engine twin. A request that it refuses is answered with an error status, as a server would.
 * Throws `config_invalid` for an unknown timing profile.
 */
export function createTwinEngine(options: TwinEngineOptions): TwinEngine {
  const { model, clock, ids } = options;
  const serving = model.spec.serving;
  const settings = serving?.twin;
  const profile = withTiming(twinProfile(settings?.profile ?? 'h100-llama-3.1-8b'), settings?.timing);
  const core = createTwinCore({
    profile,
    prefixCaching: serving?.prefixCaching ?? true,
    ...(settings === undefined ? {} : { blockSize: settings.blockSize, maxNumSeqs: settings.maxNumSeqs, maxBatchedTokens: settings.maxBatchedTokens }),
    ...(settings?.kvBlocks === undefined ? {} : { kvBlocks: settings.kvBlocks }),
    kvObserver: options.kvEvents,
  });
  const driver = createTwinDriver({ core, clock, speed: settings?.speed ?? 1, requestOverheadMs: profile.requestOverheadMs });
  const name = serving?.servedName ?? model.metadata.name;
  const endpoint = options.endpoint ?? `${model.metadata.name}-${options.replica}`;
  const transfers = createKvTransferMetrics();
  const exchanges = createKvExchanges({ engine: endpoint, core, driver, link: createKvLink(model.spec), metrics: transfers });
  const metrics = createTwinMetrics({
    core,
    model: name,
    waiting: () => core.queues.waiting.length + driver.arriving(),
    ...(options.role === undefined ? {} : { transfers }),
  });
  const limits = {
    model: name,
    maxModelLen: Math.min(serving?.maxModelLen ?? model.spec.contextWindow ?? profile.maxModelLen, core.kv.blocks * core.kv.blockSize),
    blockSize: core.kv.blockSize,
  };
  const closing = new AbortController();

  const call = async (request: EngineRequest): Promise<EngineReply> => {
    if (closing.signal.aborted) throw new PlatformError('upstream_unreachable', { message: `the engine twin ${endpoint} is closed` });
    if (request.operation === 'embeddings') throw new PlatformError('not_supported', { message: `the engine twin "${name}" makes no embeddings` });
    if (request.signal.aborted) throw new PlatformError('cancelled', { message: 'the request was cancelled before it was sent' });
    try {
      const parsed = parseTwinRequest(request.operation, request.body);
      const plan = planAnswer(parsed, limits);
      options.kvEvents?.describe(plan.hashes, plan.bytes);
      const facts = {
        id: ids.next(parsed.operation === 'chat' ? 'chatcmpl' : 'cmpl'),
        createdS: Math.floor(clock.nowMs() / 1000),
        model: name,
        fingerprint: `maru-twin-${profile.name}`,
      };
      const signal = AbortSignal.any([request.signal, closing.signal]);
      const exchange = exchanges(parsed.kvTransfer, request.headers[FAULT_HEADER] === KV_TRANSFER_FAULT);
      return await runAnswer(parsed, plan, { driver, metrics, facts, signal, exchange, nowMs: () => clock.monotonicMs() });
    } catch (error) {
      if (isPlatformError(error) && error.status >= 400 && error.status < 499) return refuse(error);
      throw error;
    }
  };

  return {
    endpoint,
    ...(options.role === undefined ? {} : { role: options.role }),
    model: model.metadata.name,
    provider: 'twin',
    servedName: name,
    simulated: true,
    profile,
    maxModelLen: limits.maxModelLen,
    call,
    load: () => ({
      running: core.queues.running.length,
      waiting: core.queues.waiting.length + driver.arriving(),
      kvUse: 1 - core.kv.freeBlocks / core.kv.blocks,
      kvBlocks: core.kv.blocks,
    }),
    metrics: metrics.render,
    tokenize: tokenizeRequest,
    cachedTokensOf: (operation, body) => {
      try {
        const plan = planAnswer(parseTwinRequest(operation, body), limits);
        return core.kv.match(plan.hashes, Math.floor((plan.promptTokens - 1) / core.kv.blockSize)) * core.kv.blockSize;
      } catch (error) {
        if (isPlatformError(error)) return 0;
        throw error;
      }
    },
    close: async () => {
      closing.abort();
      driver.close();
    },
  };
}

function refuse(error: PlatformError): EngineReply {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(JSON.stringify(toErrorBody(error)));
  }
  return { status: error.status, headers: { 'content-type': 'application/json; charset=utf-8', 'x-maru-simulated': 'true' }, body: body() };
}
