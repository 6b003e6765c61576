import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { Model } from '@maru/api/resources';
import { toErrorBody } from '#http';
import type { Clock, Ids } from '#time';
import type { Engine, EngineReply, EngineRequest, EngineRole } from '../engine.ts';
import { FAULT_HEADER, KV_TRANSFER_FAULT } from './faults/twin-fault.ts';
import type { KvEventLog } from './kv-events/kv-event-log.ts';
import { tokenizeRequest } from './kv-events/tokenize-request.ts';
import { createKvLink } from './kv-transfer/kv-link.ts';
import { type AdapterRegistry, createAdapterRegistry } from './mechanisms/adapter-registry.ts';
import { createPace } from './mechanisms/pace.ts';
import { createSleep, type Sleep } from './mechanisms/sleep.ts';
import { metricDialect } from './metrics/dialect.ts';
import { renderMetrics } from './metrics/family.ts';
import { parseTwinRequest } from './parse-request.ts';
import { planAnswer } from './plan-answer.ts';
import { type TwinProfile, twinProfile, withMechanisms, withTiming } from './profile.ts';
import { chooseRank, RANK_HEADER } from './ranks/choose-rank.ts';
import { createRanks } from './ranks/create-ranks.ts';
import { rankLoad } from './ranks/rank-load.ts';
import { runAnswer } from './run-answer.ts';

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
  /** Where the cache of each rank tells what it holds. */
  readonly kvEvents?: ((rank: number) => KvEventLog | undefined) | undefined;
  /** In the place of the profile that the Model names. */
  readonly profile?: TwinProfile | undefined;
}

/** An {@link Engine} that is simulated: real scheduling, cache and wire format; time by a profile; text without meaning. */
export interface TwinEngine extends Engine {
  readonly profile: TwinProfile;
  /** Tokens of prompt and answer together that it takes. */
  readonly maxModelLen: number;
  /** False until its cold start is over. */
  ready(): boolean;
  /** Metrics in the text format of Prometheus, with the names of its kind of engine. */
  metrics(): string;
  /** Prompt tokens of this request that the cache holds now; 0 for a body that it does not understand. Of several ranks, their mean. */
  cachedTokensOf(operation: 'chat' | 'completions', body: Uint8Array): number;
  /** Token ids of a request, which are the bytes of its text, four by four; throws `invalid_request`. */
  tokenize(body: Uint8Array): readonly number[];
  /** LoRA adapters that requests may ask for. */
  readonly adapters: AdapterRegistry;
  readonly sleep: Sleep;
  /** Lets it compute at `factor` times its speed, 0 not at all, from its next step on. */
  disturb(factor: number): void;
  /** As a process that ends and begins again: what it was doing is lost, and its cache. */
  crash(): void;
}

/**
 * Makes one replica of the engine twin. A request that it refuses is answered with an error status, as a server would.
 * Throws `config_invalid` for an unknown timing profile.
 */
export function createTwinEngine(options: TwinEngineOptions): TwinEngine {
  const { model, clock, ids } = options;
  const serving = model.spec.serving;
  const settings = serving?.twin;
  const named = options.profile ?? twinProfile(settings?.profile ?? 'h100-llama-3.1-8b');
  const profile = withMechanisms(withTiming(named, settings?.timing), settings?.mechanisms);
  const name = serving?.servedName ?? model.metadata.name;
  const endpoint = options.endpoint ?? `${model.metadata.name}-${options.replica}`;
  const speed = settings?.speed ?? 1;
  const readyMs = clock.monotonicMs() + (profile.mechanisms?.start?.coldMs ?? 0) / speed;
  const closing = new AbortController();
  /** Of the process that answers now: a crash ends it. */
  let life = new AbortController();

  const ranks = createRanks(serving?.parallelism?.data ?? 1, {
    clock,
    speed,
    endpoint,
    model: name,
    core: {
      profile,
      prefixCaching: serving?.prefixCaching ?? true,
      ...(settings === undefined ? {} : { blockSize: settings.blockSize, maxNumSeqs: settings.maxNumSeqs, maxBatchedTokens: settings.maxBatchedTokens }),
      ...(settings?.kvBlocks === undefined ? {} : { kvBlocks: settings.kvBlocks }),
    },
    link: createKvLink(model.spec),
    transfers: options.role !== undefined,
    kvEvents: options.kvEvents,
    sleepLevel: () => sleep.level,
  });
  const { core } = ranks[0];
  const pace = createPace(() => ranks.map(({ driver }) => driver));
  const forget = (): void => {
    for (const { driver } of ranks) driver.forget();
  };
  const sleep: Sleep = createSleep({ start: profile.mechanisms?.start, clock, speed, pace, forget, signal: closing.signal });
  const adapters = createAdapterRegistry(profile.mechanisms?.lora);
  const dialect = metricDialect(profile.mechanisms?.metrics ?? serving?.engine);
  const limits = {
    model: name,
    maxModelLen: Math.min(serving?.maxModelLen ?? model.spec.contextWindow ?? profile.maxModelLen, core.kv.blocks * core.kv.blockSize),
    blockSize: core.kv.blockSize,
  };
  const planned = (operation: EngineRequest['operation'], body: Uint8Array) => {
    const request = parseTwinRequest(operation, body);
    const adapter = adapters.has(request.model) ? request.model : undefined;
    return { request, adapter, plan: planAnswer(request, { ...limits, adapter }) };
  };

  const call = async (call: EngineRequest): Promise<EngineReply> => {
    if (closing.signal.aborted) throw new PlatformError('upstream_unreachable', { message: `the engine twin ${endpoint} is closed` });
    if (clock.monotonicMs() < readyMs) throw new PlatformError('upstream_unreachable', { message: `the engine twin ${endpoint} has not started yet` });
    if (call.operation === 'embeddings') throw new PlatformError('not_supported', { message: `the engine twin "${name}" makes no embeddings` });
    if (call.signal.aborted) throw new PlatformError('cancelled', { message: 'the request was cancelled before it was sent' });
    try {
      const { request, adapter, plan } = planned(call.operation, call.body);
      const rank = chooseRank(ranks, call.headers[RANK_HEADER]);
      rank.kvEvents?.describe(plan.hashes, plan.bytes, adapter);
      const facts = {
        id: ids.next(request.operation === 'chat' ? 'chatcmpl' : 'cmpl'),
        createdS: Math.floor(clock.nowMs() / 1000),
        model: adapter ?? name,
        fingerprint: `maru-twin-${profile.name}`,
      };
      const signal = AbortSignal.any([call.signal, closing.signal, life.signal]);
      const exchange = rank.exchanges(request.kvTransfer, call.headers[FAULT_HEADER] === KV_TRANSFER_FAULT);
      const { driver, view } = rank;
      return await runAnswer(request, plan, { driver, record: view.record, facts, signal, exchange, adapter, nowMs: () => clock.monotonicMs() });
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
    adapters,
    sleep,
    ready: () => clock.monotonicMs() >= readyMs,
    disturb: pace.disturbed,
    crash: () => {
      life.abort(new PlatformError('upstream_cut', { message: `the engine twin ${endpoint} has crashed` }));
      life = new AbortController();
      forget();
    },
    call,
    load: () => rankLoad(ranks),
    metrics: () =>
      renderMetrics(
        dialect,
        ranks.map(({ view }) => view),
      ),
    tokenize: tokenizeRequest,
    cachedTokensOf: (operation, body) => {
      try {
        const { plan } = planned(operation, body);
        const limit = Math.floor((plan.promptTokens - 1) / core.kv.blockSize);
        const blocks = ranks.reduce((sum, rank) => sum + rank.core.match(plan.hashes, limit), 0);
        return Math.floor((blocks * core.kv.blockSize) / ranks.length);
      } catch (error) {
        if (isPlatformError(error)) return 0;
        throw error;
      }
    },
    close: async () => {
      closing.abort();
      for (const { driver } of ranks) driver.close();
    },
  };
}

function refuse(error: PlatformError): EngineReply {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(JSON.stringify(toErrorBody(error)));
  }
  return { status: error.status, headers: { 'content-type': 'application/json; charset=utf-8', 'x-maru-simulated': 'true' }, body: body() };
}
