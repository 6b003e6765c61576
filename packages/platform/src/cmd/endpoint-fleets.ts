import type { RouteDecision } from '@maru/api/records';
import { promptTokens } from '@maru/api/records';
import { durationToMs, type Model, type ServingEndpoints } from '@maru/api/resources';
import { runsInCluster } from '#config';
import { createHttpClient, type EndpointFleet, type FleetDeps, type FleetSpec, openEndpointFleet } from '#endpoints';
import type { Engine } from '#engines';
import type { AttemptOutcome, RequestFacts } from '#gateway';
import { connectKube, type Kube } from '#kube';
import type { PromptFacts, RouterEndpoint } from '#router';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';

/** What is known of replicas that run elsewhere, for every Model that says where they are. */
export interface EndpointFleets {
  /** Opens fleets of new and changed Models and closes those of removed ones. */
  sync(models: readonly Model[]): void;
  fleetOf(model: string): EndpointFleet | undefined;
  /** An engine with what its endpoint reports of itself and what its cache holds; an engine that reports nothing as it is. */
  informed(engine: Engine): Engine & RouterEndpoint;
  /** Tokenizes a prompt for the fleets of these models that follow caches; undefined where there is nothing to wait for. */
  prepare(models: readonly string[], facts: RequestFacts, prompt: PromptFacts): Promise<void> | undefined;
  /** Joins what an answer says of its prompt. */
  answered(outcome: AttemptOutcome): void;
  /** A call goes to an endpoint: what its answer will be joined with. */
  sent(decision: Pick<RouteDecision, 'model'>, prompt: PromptFacts, bytes: number): void;
  all(): readonly EndpointFleet[];
  close(): Promise<void>;
}

export interface EndpointFleetsOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** The engine of an endpoint; undefined while there is none. */
  readonly engineOf: (model: string, endpoint: string) => Engine | undefined;
  /** Other endpoints of this Model are usable than before. */
  readonly onChange: (model: string) => void;
}

/** Unique in the platform, and the same whenever an address is found again. */
export const endpointName = (model: string, address: string): string => `${model}-${address}`;

/** The name of an endpoint within its fleet: {@link endpointName} undone. */
export const addressOf = ({ model, endpoint }: Pick<Engine, 'model' | 'endpoint'>): string => endpoint.slice(endpointName(model, '').length);

export function createEndpointFleets(options: EndpointFleetsOptions): EndpointFleets {
  const { clock, ids, log } = options;
  const client = createHttpClient(clock);
  const fleets = new Map<string, { readonly spec: string; readonly fleet: EndpointFleet }>();
  const closing = new Set<Promise<void>>();
  const promptsOf = new WeakMap<object, { readonly prompt: PromptFacts; readonly bytes: number }>();
  let kube: Promise<Kube> | undefined;

  const depsOf = (model: string): FleetDeps => ({
    client,
    clock,
    log,
    random: () => ids.random(),
    kube: () => {
      kube ??= connectKube(runsInCluster() ? { type: 'in-cluster' } : { type: 'kubeconfig' });
      return kube;
    },
    running: (name) => options.engineOf(model, endpointName(model, name))?.load().running ?? 0,
    onChange: () => options.onChange(model),
    onDegradation: ({ name, endpoint, detail }) => log.warn({ model, endpoint, degradation: name, detail }, 'less is known of an endpoint than should be'),
  });

  const retire = (fleet: EndpointFleet): void => {
    const done = fleet.close().finally(() => closing.delete(done));
    closing.add(done);
  };

  return {
    sync(models) {
      const wanted = new Map(
        models.flatMap((model) => (model.spec.serving?.endpoints === undefined ? [] : [[model.metadata.name, fleetSpec(model)] as const])),
      );
      for (const [name, entry] of fleets) {
        const spec = wanted.get(name);
        if (spec !== undefined && JSON.stringify(spec) === entry.spec) continue;
        fleets.delete(name);
        retire(entry.fleet);
      }
      for (const [name, spec] of wanted) if (!fleets.has(name)) fleets.set(name, { spec: JSON.stringify(spec), fleet: openEndpointFleet(spec, depsOf(name)) });
    },
    fleetOf: (model) => fleets.get(model)?.fleet,
    informed(engine) {
      if (engine.provider === 'twin') return { ...engine, load: () => ({ ...engine.load(), reports: 'fresh' }) };
      if (!fleets.has(engine.model)) return engine;
      const name = addressOf(engine);
      const fleetNow = (): EndpointFleet | undefined => fleets.get(engine.model)?.fleet;
      return {
        ...engine,
        followed: true,
        get kvTokens() {
          return fleetNow()?.signals(name)?.kvTokens;
        },
        cachedTokens: (facts: PromptFacts) => fleetNow()?.cachedTokens(name, facts),
        adapters: () => fleetNow()?.signals(name)?.signals?.adapters,
        suspect: () => fleetNow()?.suspect(name),
        load: () => {
          const reported = fleetNow()?.signals(name)?.signals;
          if (reported === undefined) return { ...engine.load(), reports: 'stale' };
          const { running, waiting, kvUse, blocks } = reported;
          return { running, waiting, reports: 'fresh', ...(kvUse === undefined ? {} : { kvUse }), ...(blocks === undefined ? {} : { kvBlocks: blocks }) };
        },
      };
    },
    prepare(models, facts, prompt) {
      if (fleets.size === 0) return undefined;
      // Other formats are translated only when the engine is known; their caches are guessed from the router's own decisions.
      const plain = facts.operation === 'completions' || (facts.operation === 'chat' && (facts.format ?? 'openai-chat') === 'openai-chat');
      const wanted = plain ? models.flatMap((model) => fleets.get(model)?.fleet ?? []).filter(({ spec }) => spec.kvEvents !== undefined) : [];
      if (wanted.length === 0) return undefined;
      const operation = facts.operation === 'chat' ? 'chat' : 'completions';
      const request = { operation, promptBytes: facts.promptBytes.length, value: () => facts.value() } as const;
      return Promise.all(wanted.map((fleet) => fleet.prepare(prompt, request))).then(() => undefined);
    },
    sent: (decision, prompt, bytes) => {
      if (fleets.has(decision.model)) promptsOf.set(decision, { prompt, bytes });
    },
    answered({ attempt, outcome, usage }) {
      const sent = attempt.decision === undefined ? undefined : promptsOf.get(attempt.decision);
      if (sent === undefined || attempt.decision === undefined) return;
      // The log of decisions outlives the request by far.
      promptsOf.delete(attempt.decision);
      if (outcome !== 'ok' || usage === undefined) return;
      fleets.get(attempt.engine.model)?.fleet.answered(addressOf(attempt.engine), { key: sent.prompt, bytes: sent.bytes, tokens: promptTokens(usage) });
    },
    all: () => [...fleets.values()].map(({ fleet }) => fleet),
    close: async () => {
      for (const { fleet } of fleets.values()) retire(fleet);
      fleets.clear();
      await Promise.allSettled([...closing]);
      await client.close();
      await (await kube?.catch(() => undefined))?.close();
    },
  };
}

const NO_ENDPOINTS: ServingEndpoints = { metrics: { every: '500ms', models: [] }, selfCheckEvery: '10m', tokenizerThreads: 1 };

function fleetSpec(model: Model): FleetSpec {
  const { serving } = model.spec;
  const endpoints = serving?.endpoints;
  const name = model.metadata.name;
  const { urls, prefillUrls, dns, inferencePool, kvEvents, metrics, selfCheckEvery } = endpoints ?? NO_ENDPOINTS;
  return {
    model: name,
    servedName: serving?.servedName ?? name,
    engine: serving?.engine ?? 'vllm',
    discovery:
      dns !== undefined
        ? { type: 'dns', ...dns }
        : inferencePool !== undefined
          ? { type: 'pool', ...inferencePool }
          : { type: 'list', urls: urls ?? [], prefillUrls: prefillUrls ?? [] },
    metrics: {
      path: metrics.path ?? (serving?.engine === 'tensorrt-llm' ? '/prometheus/metrics' : '/metrics'),
      everyMs: durationToMs(metrics.every),
      models: metrics.models,
    },
    kvEvents: kvEvents === undefined ? undefined : { ...kvEvents, replayPort: kvEvents.replayPort, topic: kvEvents.topic },
    selfCheckMs: durationToMs(selfCheckEvery),
    tokenizer: endpoints?.tokenizer,
    tokenizerThreads: endpoints?.tokenizerThreads ?? 1,
  };
}
