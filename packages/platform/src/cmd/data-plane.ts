import { join } from 'node:path';
import type { Agent, SecretRef } from '@maru/api/resources';
import type { AnswerCache } from '#cache';
import { type Config, resolveSecret } from '#config';
import type { Sessions } from '#control';
import type { Engine } from '#engines';
import { type Catalogue, createGateway, createIdempotency, createResponses, type Gateway, type RequestFacts } from '#gateway';
import { createGuardedFetch, type GuardedFetch } from '#http';
import { createLedger, type Ledger } from '#ledger';
import type { Registry } from '#resources';
import { createFlowControl, createRouter, type FlowControl, type Router } from '#router';
import { openRedis, openSpool, type Store } from '#store';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { createPromptMarks, createTraces, type Traces } from '#traces';
import { callCache, openAnswerCache } from './answer-cache.ts';
import type { openStored } from './batch-ports.ts';
import { type CacheSavings, createCacheSavings } from './cache-savings.ts';
import { CACHE_KEY, callGuards, GUARDRAILS_KEY } from './call-guards.ts';
import { createCatalogue } from './catalogue.ts';
import { createEmbedders, type EmbeddersOptions } from './embedders.ts';
import { createEndpointCounters, type EndpointCounters } from './endpoint-counters.ts';
import { createEndpointFleets, type EndpointFleets } from './endpoint-fleets.ts';
import { createEnginePool, type EnginePool } from './engine-pool.ts';
import type { FileSecrets } from './file-secrets.ts';
import { contextWindows, costOf, gatewayAdmission, gatewayAuthenticator, isLedgerPrincipal } from './ledger-ports.ts';
import { makeEngines } from './make-engines.ts';
import { modelGroupsOf } from './model-groups.ts';
import { createPlacement } from './placement.ts';
import { openTraceExport } from './trace-export.ts';

type Stored = ReturnType<typeof openStored>;

export interface DataPlaneOptions {
  readonly config: Config;
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly masterKey: string;
  /** Folder of the spools of this process alone. */
  readonly spoolDir: string;
  /** Name of this process in leased quotas; the ledger's own where absent. */
  readonly holder?: string | undefined;
  readonly secrets: FileSecrets;
  /** Sessions of people at the console. */
  readonly sessions: Pick<Sessions, 'find'>;
  /** Age at which traces are deleted here; `Infinity` where another process does it. */
  readonly retentionMs: number;
  readonly agentEngine: (agent: Agent, facts: RequestFacts) => Engine;
  /** Files and batches, where this process answers for them. */
  readonly openStored?: (made: { readonly ledger: Ledger; readonly gateway: () => Gateway; readonly enginesOf: EnginePool['enginesOf'] }) => Stored;
  /** What an engine knows of its load, with what it can not know itself. */
  readonly watched?: (engine: Engine) => Engine;
  /** Closed in the reverse order. */
  readonly onClose: (close: () => Promise<unknown> | unknown) => void;
}

/** Everything that answers calls of models, in one process. */
export interface DataPlane {
  readonly ledger: Ledger;
  readonly traces: Traces;
  readonly router: Router;
  readonly flow: FlowControl;
  readonly counters: EndpointCounters;
  readonly pool: EnginePool;
  readonly fleets: EndpointFleets;
  readonly answers: AnswerCache;
  readonly cacheSavings: CacheSavings;
  readonly catalogue: Catalogue;
  readonly gateway: Gateway;
  readonly guardedFetch: GuardedFetch;
  readonly stored: Stored | undefined;
  readonly secretOf: (ref: SecretRef) => string | undefined;
  /** Embedding models for one use; what they cost is charged to `keyId`. */
  embeddersFor(keyId: string): ReturnType<typeof createEmbedders>;
  /** Puts the resources of the registry into force. */
  force(): void;
}

/** Limits wait for Redis no longer than a client would notice, and are asked for again after a second. */
const LIMITS_PATIENCE = { timeoutMs: 1000, restMs: 1000 };

/** Opens the rooms behind `/v1/*`; what was opened before a failure is closed by who gave `onClose`. */
export async function openDataPlane(options: DataPlaneOptions): Promise<DataPlane> {
  const { config, store, registry, clock, ids, log, spoolDir, onClose } = options;
  const chargeSpool = openSpool({ path: join(spoolDir, 'charges'), log, fsync: { clock, everyMs: 1000 } });
  onClose(() => chargeSpool.close());
  const traceSpool = openSpool({ path: join(spoolDir, 'traces'), log });
  onClose(() => traceSpool.close());
  const guardedFetch = createGuardedFetch({ clock, privateHosts: config.allowHosts });
  onClose(() => guardedFetch.close());
  const limitsRedis = config.limitsRedisUrl === undefined ? undefined : openRedis({ url: config.limitsRedisUrl, clock, log, ...LIMITS_PATIENCE });
  if (limitsRedis !== undefined) onClose(() => limitsRedis.close());
  const ledger = await createLedger({
    store,
    spool: chargeSpool,
    clock,
    ids,
    log,
    masterKey: options.masterKey,
    holder: options.holder,
    fetch: guardedFetch,
    limitsRedis,
  });
  onClose(() => ledger.close());
  const { captureContent } = config;
  const exportTo = openTraceExport(config, clock);
  if (exportTo !== undefined) onClose(() => exportTo.fetch.close());
  const traces = createTraces({
    store,
    spool: traceSpool,
    clock,
    ids,
    log,
    captureContent,
    retentionMs: options.retentionMs,
    ...(exportTo === undefined ? {} : { exportTo }),
  });
  onClose(() => traces.close());

  const router = createRouter({ clock, ids });
  const flow = createFlowControl(clock);
  const counters = createEndpointCounters();
  const onGone = (endpoint: string): void => {
    router.forget(endpoint);
    counters.forget(endpoint);
  };
  const secretOf = (ref: SecretRef): string | undefined => options.secrets.resolve(ref) ?? resolveSecret(ref);
  const fleets: EndpointFleets = createEndpointFleets({
    clock,
    ids,
    log,
    engineOf: (model, endpoint) => pool.enginesOf(model).find((engine) => engine.endpoint === endpoint),
    onChange: (model) => pool.renew(model),
  });
  onClose(() => fleets.close());
  const make = makeEngines({ clock, ids, resolveSecret: secretOf, fleets: () => fleets });
  const { watched } = options;
  const pool = createEnginePool({
    // What an endpoint reports of itself is the load of all processes, so it goes over what they tell each other.
    makeEngines: (model) => make(model).map((engine) => fleets.informed(watched === undefined ? engine : watched(engine))),
    onGone,
    clock,
    log,
  });
  onClose(() => pool.close());

  let made: Gateway | undefined;
  const gateway = (): Gateway => made as Gateway;
  const embeddersFor = (keyId: EmbeddersOptions['keyId']): ReturnType<typeof createEmbedders> =>
    createEmbedders({ registry, pool, gateway, tenant: 'default', keyId });
  const answers = openAnswerCache({ store, clock, log, redisUrl: config.redisUrl });
  onClose(() => answers.close());
  const responses = createResponses({ store, clock });
  onClose(() => responses.close());
  const idempotency = createIdempotency({ store, clock });
  onClose(() => idempotency.close());
  const stored = options.openStored?.({ ledger, gateway, enginesOf: pool.enginesOf });
  if (stored !== undefined) onClose(() => stored.close());

  const cacheSavings = createCacheSavings(traces, clock);
  const catalogue = createCatalogue(registry);
  const placement = createPlacement({
    registry,
    pool,
    router,
    ids,
    clock,
    counters,
    fleets,
    markPrompt: config.promptMarks ? createPromptMarks(options.masterKey) : undefined,
    flow,
    agentEngine: options.agentEngine,
    contextWindow: contextWindows({ ledger, registry }),
    costNanoUsd: costOf({ ledger, registry }),
    allows: (principal, model) => !isLedgerPrincipal(principal) || ledger.allowsModel(principal, model),
  });
  made = createGateway(
    {
      authenticator: gatewayAuthenticator({ ledger, sessions: options.sessions }),
      catalogue,
      placement,
      admission: gatewayAdmission({ ledger, registry }),
      tracer: cacheSavings.tracer,
      guardrails: callGuards({ registry, accountsOf: ledger.accountsOf, findEmbedder: embeddersFor(GUARDRAILS_KEY), guardedFetch, resolveSecret: secretOf }),
      ...(stored === undefined ? {} : { stored }),
      cache: callCache({ cache: answers, registry, findEmbedder: embeddersFor(CACHE_KEY) }),
      responses,
      idempotency,
    },
    { clock, ids, log, maxBodyBytes: config.maxBodyBytes, captureContent: config.captureContent },
  );

  const force = (): void => {
    fleets.sync(registry.list('Model'));
    pool.sync(registry.list('Model'));
    ledger.setTenants(registry.list('Tenant'));
    ledger.setTokenIssuers(registry.list('TokenIssuer'));
    ledger.setModelGroups(modelGroupsOf(registry));
  };
  return {
    ledger,
    traces,
    router,
    flow,
    counters,
    pool,
    fleets,
    answers,
    cacheSavings,
    catalogue,
    gateway: made,
    guardedFetch,
    stored,
    secretOf,
    embeddersFor,
    force,
  };
}
