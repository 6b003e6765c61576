import { isPlatformError } from '@maru/api/errors';
import { type Repetition, repeat } from '#time';
import { createDegradations, type Degradation } from './degradations.ts';
import type { Discovery, FoundEndpoint } from './discovery/discovery.ts';
import { type ProbeResult, probeModel } from './discovery/model-probe.ts';
import { openDiscovery } from './discovery/open-discovery.ts';
import type { FleetDeps, FleetSpec } from './ports.ts';
import { createPrefixKnowledge, type KnowledgeState, type PrefixKnowledge } from './prefix-knowledge.ts';
import { AFFINITY_FAULTS, type AffinityFault, type CanaryResult, sendCanary } from './self-check/canary.ts';
import { type SignalWatch, type WatchedSignals, watchSignals } from './signals/signal-watch.ts';
import { createPromptTokenizer, type PromptTokens, type TokenRequest } from './tokens/prompt-tokens.ts';
import { createTokenizePool } from './tokens/tokenize-pool.ts';

const PROBE_EVERY_MS = 10_000;
/** Failed probes in a row before an endpoint that has answered before is taken away. */
const LOST_PROBES = 3;

/** An endpoint of a fleet and whether requests may go there. */
export interface FleetEndpoint extends FoundEndpoint {
  readonly state: 'new' | ProbeResult['state'];
  readonly detail: string;
}

/** Everything that is known of the replicas of one model that run elsewhere. */
export interface EndpointFleet {
  readonly spec: FleetSpec;
  /** All that were found, usable or not. */
  all(): readonly FleetEndpoint[];
  /** Those that answered and serve the model. */
  usable(): readonly FoundEndpoint[];
  /** Resolves when discovery has answered and everything found was probed once. */
  readonly ready: Promise<void>;
  signals(name: string): WatchedSignals | undefined;
  /** Name of the LoRA adapter that the model is, where the engines list it as one. */
  readonly adapter: string | undefined;
  /** Why an endpoint should get nothing while others are there: what it reports is a lie, or of another model. */
  suspect(name: string): string | undefined;
  /** Tokenizes a prompt where somebody can use the tokens; `key` stands for the request from then on. */
  prepare(key: object, request: TokenRequest): Promise<PromptTokens | undefined>;
  /** Prompt tokens that the endpoint's cache holds for a prepared request; undefined where that is not known. */
  cachedTokens(name: string, key: object): number | undefined;
  /** An endpoint has answered: how long the prompt of a prepared request was, in bytes and in tokens. */
  answered(name: string, prompt: { readonly key: object; readonly bytes: number; readonly tokens: number }): void;
  /** Sends each usable endpoint a canary pair now; runs by itself every `selfCheckMs` where events are followed. */
  selfCheck(): Promise<readonly CanaryResult[]>;
  knowledge(): readonly KnowledgeState[];
  degradations(): readonly Degradation[];
  /** Bytes of what is known of caches. */
  readonly bytes: number;
  close(): Promise<void>;
}

interface Member {
  readonly found: FoundEndpoint;
  readonly watch: SignalWatch;
  readonly probes: Repetition;
  result: ProbeResult | undefined;
  failures: number;
  ownTokens: number;
  /** GPU blocks per rank that the knowledge was told of. */
  limit: number;
}

/** Finds, probes, watches and follows the replicas of one model, until it is closed. */
export function openEndpointFleet(spec: FleetSpec, deps: FleetDeps): EndpointFleet {
  const { clock, client } = deps;
  const members = new Map<string, Member>();
  const stop = new AbortController();
  const degradations = createDegradations(clock, deps.onDegradation);
  const knowledge = spec.kvEvents === undefined ? undefined : createPrefixKnowledge({ maxBlocks: spec.kvEvents.maxBlocks, degradations, clock });
  const pending = new Set<Promise<unknown>>();
  const prepared = new WeakMap<object, PromptTokens>();
  let turn = 0;
  let lora: string | undefined;

  const isUsable = (member: Member): boolean => member.result?.state === 'serves';
  const usable = (): readonly FoundEndpoint[] => [...members.values()].filter(isUsable).map(({ found }) => found);
  const tokenizer = createPromptTokenizer({
    model: spec.model,
    servedName: spec.servedName,
    lora: () => lora,
    pool: spec.tokenizer === undefined ? undefined : createTokenizePool({ path: spec.tokenizer, threads: spec.tokenizerThreads }),
    engineUrl: () => {
      const list = usable();
      turn += 1;
      return list[turn % Math.max(1, list.length)]?.url;
    },
    client,
    clock,
    degradations,
  });

  const probe = async (member: Member): Promise<void> => {
    const { found } = member;
    const result = await probeModel({ url: found.url, names: [spec.servedName], dynamo: spec.engine === 'dynamo', client, signal: stop.signal });
    const wasUsable = isUsable(member);
    member.failures = result.state === 'unreachable' ? member.failures + 1 : 0;
    if (result.state === 'serves' && result.lora) lora = spec.servedName;
    if (result.state === 'unreachable' && wasUsable && member.failures < LOST_PROBES) return;
    if (wasUsable && result.state === 'other-model') knowledge?.restarted(found.name);
    member.result = result;
    for (const state of ['other-model', 'no-workers', 'unreachable'] as const) {
      if (result.state === state) degradations.raise(NAMES[state], found.name, describe(result));
      else degradations.settle(NAMES[state], found.name);
    }
    if (wasUsable !== isUsable(member) && members.get(found.name) === member) deps.onChange();
  };

  const add = (found: FoundEndpoint): void => {
    const watch = watchSignals({
      endpoint: found.name,
      url: found.url + spec.metrics.path,
      everyMs: spec.metrics.everyMs,
      models: spec.engine === 'dynamo' ? [] : [spec.servedName, ...spec.metrics.models],
      own: () => ({ inFlight: deps.running(found.name), promptTokens: members.get(found.name)?.ownTokens ?? 0 }),
      client,
      clock,
      degradations,
      onRestart: () => {
        degradations.raise('engine-restarted', found.name, 'its counters have gone back');
        knowledge?.restarted(found.name);
      },
    });
    const member: Member = {
      found,
      watch,
      probes: repeat(clock, PROBE_EVERY_MS, () => probe(member)),
      result: undefined,
      failures: 0,
      ownTokens: 0,
      limit: 0,
    };
    members.set(found.name, member);
    const ranks = spec.kvEvents === undefined ? [] : ranksOf(found, spec.kvEvents);
    track(Promise.allSettled([probe(member), watch.look(), knowledge?.follow(found.name, ranks) ?? Promise.resolve()]));
  };

  const drop = (member: Member): void => {
    members.delete(member.found.name);
    degradations.forget(member.found.name);
    track(Promise.allSettled([member.watch.close(), member.probes.stop(), knowledge?.leave(member.found.name) ?? Promise.resolve()]));
  };

  const track = (work: Promise<unknown>): void => {
    const run = work.finally(() => pending.delete(run));
    pending.add(run);
  };

  const discovery: Discovery = openDiscovery(spec.discovery, {
    ...deps,
    onChange: (list) => {
      const names = new Set(list.map(({ name }) => name));
      for (const member of [...members.values()]) if (!names.has(member.found.name)) drop(member);
      for (const found of list) if (!members.has(found.name)) add(found);
      deps.onChange();
    },
    onProblem: (problem, detail) => degradations.raise(problem, spec.model, detail),
    onWell: () => degradations.settle('discovery-failed', spec.model),
  });

  const raise = (fault: AffinityFault, endpoint: string, detail: string): void => degradations.raise(fault, endpoint, `${detail}: ${AFFINITY_FAULTS[fault]}`);

  const checkOne = async ({ found, watch }: Member): Promise<readonly CanaryResult[]> => {
    try {
      const result = await sendCanary(
        { endpoint: found.name, url: found.url, servedName: spec.servedName },
        {
          client,
          clock,
          random: deps.random,
          signal: stop.signal,
          tokensOf: tokenizer.tokensOf,
          cachedTokens: (endpoint, tokens) => knowledge?.cachedTokens(endpoint, tokens),
          blockSizes: (endpoint) => ({
            events: knowledge?.states().find((state) => state.endpoint === endpoint)?.blockSize ?? 0,
            metrics: watch.read().blockSize,
          }),
          isStale: () => watch.read().stale,
        },
      );
      for (const fault of Object.keys(AFFINITY_FAULTS) as AffinityFault[]) {
        if (result.faults.includes(fault)) raise(fault, found.name, `a canary pair of ${result.promptTokens} tokens`);
        else degradations.settle(fault, found.name);
      }
      return [result];
    } catch (error) {
      if (!isPlatformError(error) && !stop.signal.aborted) throw error;
      return [];
    }
  };

  /** One after the other, so that a check is never a load. */
  const selfCheck = async (): Promise<readonly CanaryResult[]> => {
    const results: CanaryResult[] = [];
    for (const member of [...members.values()].filter(isUsable)) results.push(...(await checkOne(member)));
    return results;
  };
  const checks = knowledge === undefined ? undefined : repeat(clock, spec.selfCheckMs, selfCheck);

  const read = (member: Member): WatchedSignals => {
    const signals = member.watch.read();
    const perRank = signals.blocks === undefined ? 0 : signals.blocks / Math.max(1, spec.kvEvents?.ranks ?? 1);
    if (perRank > 0 && perRank !== member.limit) {
      member.limit = perRank;
      knowledge?.limit(member.found.name, perRank);
    }
    return signals;
  };

  return {
    spec,
    ready: discovery.ready.then(async () => void (await Promise.all([...pending]))),
    all: () => [...members.values()].map((member) => ({ ...member.found, state: member.result?.state ?? 'new', detail: describe(member.result) })),
    usable,
    signals: (name) => {
      const member = members.get(name);
      return member === undefined ? undefined : read(member);
    },
    get adapter() {
      return lora;
    },
    suspect: (name) => SUSPECT.find((fault) => degradations.has(fault, name)),
    async prepare(key, request) {
      if (knowledge === undefined) return undefined;
      const tokens = await tokenizer.tokensOf(request);
      prepared.set(key, tokens);
      return tokens;
    },
    cachedTokens: (name, key) => {
      const tokens = prepared.get(key);
      return tokens === undefined ? undefined : knowledge?.cachedTokens(name, tokens);
    },
    selfCheck,
    answered: (name, { key, bytes, tokens }) => {
      tokenizer.learn(bytes, tokens);
      const ours = prepared.get(key);
      if (ours?.ids !== undefined && ours.count !== tokens) raise('tokenizer-mismatch', name, `we count ${ours.count} tokens where it counts ${tokens}`);
      const member = members.get(name);
      if (member !== undefined) member.ownTokens += tokens;
    },
    knowledge: () => knowledge?.states() ?? [],
    degradations: () => degradations.list(),
    get bytes() {
      return knowledge?.bytes ?? 0;
    },
    close: async () => {
      stop.abort(new DOMException('closed', 'AbortError'));
      await discovery.close();
      await checks?.stop();
      for (const member of [...members.values()]) drop(member);
      await Promise.allSettled([...pending]);
      await Promise.all([knowledge?.close(), tokenizer.close()]);
    },
  };
}

/** Degradations after which an endpoint is not to be trusted with requests. */
const SUSPECT = ['metrics-lie', 'model-changed'] as const;

const NAMES = { 'other-model': 'other-model', 'no-workers': 'no-workers', unreachable: 'endpoint-unreachable' } as const;

function describe(result: ProbeResult | undefined): string {
  switch (result?.state) {
    case undefined:
      return 'not asked yet';
    case 'serves':
      return `serves ${result.models.join(', ')}`;
    case 'other-model':
      return result.models.length === 0 ? 'serves no model' : `serves ${result.models.join(', ')}`;
    case 'no-workers':
      return 'the frontend has no worker';
    case 'unreachable':
      return result.detail;
  }
}

/** vLLM adds the rank to the port that it is given. */
function ranksOf({ host }: FoundEndpoint, events: NonNullable<FleetSpec['kvEvents']>): Parameters<PrefixKnowledge['follow']>[1] {
  return Array.from({ length: events.ranks }, (_, rank) => ({
    publish: `tcp://${host}:${events.port + rank}`,
    replay: events.replayPort === undefined ? undefined : `tcp://${host}:${events.replayPort + rank}`,
    topic: events.topic,
  }));
}
