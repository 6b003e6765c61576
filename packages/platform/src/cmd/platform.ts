import { join } from 'node:path';
import type { SecretRef } from '@maru/api/resources';
import type { SessionInfo } from '@maru/api/wire';
import { createAgents } from '#agents';
import { type Config, childEnvironment, loadMasterKey, providerModels, resolveSecret } from '#config';
import { createControl, createSessions, isAdminPath } from '#control';
import { createEvals } from '#evals';
import { createGateway, createIdempotency, createPassThrough, createResponses, type Gateway } from '#gateway';
import { createGuardedFetch, createHttpServer } from '#http';
import { createKnowledge } from '#knowledge';
import { createLedger } from '#ledger';
import { createPipelines } from '#pipelines';
import { openRegistry } from '#resources';
import { createRouter } from '#router';
import { lockDataDir, migrateStore, openSpool, openStore } from '#store';
import { createLog } from '#telemetry';
import { createIds, createSystemClock } from '#time';
import { createTraces } from '#traces';
import { agentEngineFor } from './agent-engines.ts';
import { agentPorts } from './agent-ports.ts';
import { callCache, openAnswerCache } from './answer-cache.ts';
import { applySources, followSources, readSources } from './apply-changes.ts';
import { openStored } from './batch-ports.ts';
import { callGuards } from './call-guards.ts';
import { createCatalogue } from './catalogue.ts';
import { withConsoleKey } from './console-key.ts';
import { controlPorts } from './control-ports/index.ts';
import { createEmbedders } from './embedders.ts';
import { createEndpointCounters } from './endpoint-counters.ts';
import { createEnginePool } from './engine-pool.ts';
import { createEvaluations, meansByType } from './evaluations.ts';
import { createFileSecrets } from './file-secrets.ts';
import { withFileSettings } from './file-settings.ts';
import { createIngestions } from './ingestions.ts';
import { costOf, gatewayAdmission, gatewayAuthenticator, isLedgerPrincipal } from './ledger-ports.ts';
import { litellmMetrics } from './litellm-metrics.ts';
import { createRulesInForce } from './litellm-rules.ts';
import { makeEngines } from './make-engines.ts';
import { serveMetrics } from './metrics.ts';
import { modelGroupsOf } from './model-groups.ts';
import { passThroughMeter } from './pass-through-meter.ts';
import { pipelinePorts } from './pipeline-ports.ts';
import { createPlacement } from './placement.ts';
import { consoleDir, quickstartDir } from './places.ts';
import { createSourceLog } from './source-log.ts';
import { refreshStatuses } from './statuses.ts';

export interface PlatformOptions {
  readonly config: Config;
  /** Files and folders of resources; the quickstart where empty. */
  readonly files: readonly string[];
  readonly version: string;
  /** Told a person what happens while the platform runs. */
  readonly say: (text: string) => void;
}

/** A platform that serves. */
export interface Platform {
  readonly url: string;
  readonly masterKey: string;
  readonly dataDir: string;
  /** Address of the console with a login that works once. */
  loginUrl(): string;
  readonly models: readonly { readonly id: string; readonly note: string }[];
  /** Stops in order: no new requests, answers may finish for 30 s, everything is settled. */
  close(): Promise<void>;
}

const LEASE_MS = 30_000;
const RETENTION_MS = 30 * 86_400_000;
const DRAIN_MS = 30_000;

/** Opens the store, the rooms and the surfaces, wires them, and listens. What was opened before a failure is closed again. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { version, say } = options;
  const clock = createSystemClock();
  const ids = createIds(() => clock.nowMs());
  const log = createLog(options.config.logLevel);
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.reverse()) await Promise.resolve(close()).catch((error: unknown) => log.error({ err: error }, 'closing failed'));
  };

  try {
    const paths = options.files.length === 0 ? [quickstartDir()] : options.files;
    const loaded = await readSources(paths);
    const config = withFileSettings(options.config, loaded.litellm?.settings);
    const lock = lockDataDir(config.dataDir, clock.nowMs());
    closers.push(() => lock.release());
    const masterKey = loadMasterKey({ dataDir: config.dataDir, given: config.masterKey, secret: () => ids.secret() });
    const store = await openStore({ url: config.databaseUrl ?? join(config.dataDir, 'maru.sqlite') });
    closers.push(() => store.close());
    await migrateStore(store);
    const registry = await openRegistry({ store, clock });
    const chargeSpool = openSpool({ path: join(config.dataDir, 'spool', 'charges'), log, fsync: { clock, everyMs: 1000 } });
    closers.push(() => chargeSpool.close());
    const traceSpool = openSpool({ path: join(config.dataDir, 'spool', 'traces'), log });
    closers.push(() => traceSpool.close());

    const ledger = await createLedger({ store, spool: chargeSpool, clock, ids, log, masterKey });
    closers.push(() => ledger.close());
    const traces = createTraces({ store, spool: traceSpool, clock, ids, log, captureContent: config.captureContent, retentionMs: RETENTION_MS });
    closers.push(() => traces.close());
    const router = createRouter({ clock, ids });
    const counters = createEndpointCounters();
    const onGone = (endpoint: string): void => {
      router.forget(endpoint);
      counters.forget(endpoint);
    };
    const secrets = createFileSecrets();
    const secretOf = (ref: SecretRef): string | undefined => secrets.resolve(ref) ?? resolveSecret(ref);
    const pool = createEnginePool({ makeEngines: makeEngines({ clock, ids, resolveSecret: secretOf }), onGone, log });
    closers.push(() => pool.close());

    let gateway: Gateway | undefined;
    const theGateway = (): Gateway => gateway as Gateway;
    const embed = createEmbedders({ registry, pool, gateway: theGateway, tenant: 'default', keyId: 'knowledge' });
    const answers = openAnswerCache({ store, clock, log, redisUrl: config.redisUrl });
    closers.push(() => answers.close());
    const cache = callCache({
      cache: answers,
      registry,
      findEmbedder: createEmbedders({ registry, pool, gateway: theGateway, tenant: 'default', keyId: 'cache' }),
    });
    const knowledge = createKnowledge({ store, clock, ids, log, embed });
    closers.push(() => knowledge.close());
    const ingestions = createIngestions({ registry, knowledge, clock, ids, log });
    closers.push(() => ingestions.close());
    const guarded = createGuardedFetch({ clock, privateHosts: config.allowHosts });
    closers.push(() => guarded.close());
    const findEmbedder = createEmbedders({ registry, pool, gateway: theGateway, tenant: 'default', keyId: 'guardrails' });
    const guardrails = callGuards({ registry, findEmbedder, guardedFetch: guarded, resolveSecret: secretOf });
    const searchPath = childEnvironment({})['PATH'] ?? '';
    const agents = createAgents({
      store,
      clock,
      ids,
      log,
      leaseTtlMs: LEASE_MS,
      searchPath,
      captureContent: config.captureContent,
      ports: agentPorts({ registry, knowledge, traces, gateway: theGateway, guardedFetch: guarded, resolveSecret: secretOf }),
    });
    closers.push(() => agents.close());
    const evals = createEvals({ store, clock, ids, log, scores: traces });
    closers.push(() => evals.close());
    const evaluations = createEvaluations({ registry, evals, knowledge, gateway: theGateway, log });
    const evaluate = async (name: string, _context: unknown, signal: AbortSignal) => {
      const run = await (await evaluations.start(name, { signal })).finished;
      return { means: meansByType(run.means), runId: run.id };
    };
    const pipelines = createPipelines({ store, clock, ids, log, leaseTtlMs: LEASE_MS, ports: pipelinePorts({ registry, traces, ingestions, evaluate }) });
    closers.push(() => pipelines.close());

    const sessions = createSessions({ clock, ids, admin: { role: 'admin', tenant: 'default', keyId: 'master' } });
    const responses = createResponses({ store, clock });
    closers.push(() => responses.close());
    const idempotency = createIdempotency({ store, clock });
    closers.push(() => idempotency.close());
    const stored = openStored({ store, clock, ids, log, ledger, gateway: theGateway, dataDir: config.dataDir });
    closers.push(() => stored.close());
    const catalogue = createCatalogue(registry);
    const placement = createPlacement({
      registry,
      pool,
      router,
      ids,
      counters,
      agentEngine: agentEngineFor({ agents, clock }),
      costNanoUsd: costOf({ ledger, registry }),
      allows: (principal, model) => !isLedgerPrincipal(principal) || ledger.allowsModel(principal, model),
    });
    gateway = createGateway(
      {
        authenticator: gatewayAuthenticator({ ledger, sessions }),
        catalogue,
        placement,
        admission: gatewayAdmission({ ledger, registry }),
        tracer: traces,
        guardrails,
        stored,
        cache,
        responses,
        idempotency,
      },
      { clock, ids, log, maxBodyBytes: config.maxBodyBytes, captureContent: config.captureContent },
    );

    const force = (): void => {
      pool.sync(registry.list('Model'));
      ledger.setTenants(registry.list('Tenant'));
      ledger.setModelGroups(modelGroupsOf(registry));
      pipelines.schedule(registry.list('Pipeline'), { tenant: 'default' });
      refreshStatuses(registry, pool);
    };
    const sourceLog = createSourceLog(clock);
    const rules = createRulesInForce();
    const source = { rules, registry, paths, extraYaml: providerModels(), secrets, sourceLog, clock, log, say };
    await applySources(source, loaded);
    for (const warning of loaded.warnings) say(`warning: ${warning}`);
    force();
    let url = '';
    const startedMs = clock.nowMs();
    const info = (): Omit<SessionInfo, 'principal'> => ({
      version,
      dataDir: config.dataDir,
      baseUrl: `${url}/v1`,
      startedMs,
      store: store.dialect,
      captureContent: config.captureContent,
      krwPerUsd: config.krwPerUsd,
    });
    const ports = controlPorts({
      registry,
      catalogue,
      ledger,
      traces,
      router,
      pool,
      counters,
      knowledge,
      ingestions,
      agents,
      pipelines,
      evals,
      evaluations,
      sourceLog,
      info,
      clock,
      ids,
      rules,
    });
    const passThrough = createPassThrough({
      authenticator: gatewayAuthenticator({ ledger, sessions }),
      meter: passThroughMeter({ ledger, ids }),
      rules: () => rules.read().passThrough,
      ids,
      log,
      maxBodyBytes: config.maxBodyBytes,
    });
    closers.push(() => passThrough.close());
    const control = createControl({ ports, sessions, clock, log, maxBodyBytes: config.maxBodyBytes, consoleDir: consoleDir(), secureCookies: false });

    let ready = false;
    const further = () => litellmMetrics({ ledger, registry, gateway: theGateway(), problemOf: ports.litellm.problemOf });
    const metrics = serveMetrics({ gateway, pool, router, counters, traces, answers, further });
    const server = await createHttpServer({
      host: config.host,
      port: config.port,
      clock,
      drainMs: DRAIN_MS,
      handler: async (request, response) => {
        // The console has a page of this name; a client with a key wants the list.
        if (request.url === '/models' && request.headers.authorization !== undefined) request.url = '/v1/models';
        const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
        if (path === '/livez') return void response.end('ok\n');
        if (path === '/readyz') return void response.writeHead(ready ? 200 : 503).end(ready ? 'ok\n' : 'not ready\n');
        if (path === '/metrics') return metrics(request, response);
        if (rules.read().passThrough.length > 0 && (await passThrough.handle(request, response))) return;
        if (/^\/v[12]/.test(path) && path !== '/v1/traces' && !isAdminPath(path)) return theGateway().handle(withConsoleKey(request), response);
        if (!(await control(request, response))) await theGateway().handle(request, response);
      },
    });
    url = server.url;
    closers.push(() => theGateway().close(DRAIN_MS));
    closers.push(() => server.close());
    closers.push(() => {
      ready = false;
    });
    const watcher = followSources(source, loaded);
    closers.push(() => watcher.close());
    closers.push(
      registry.subscribe((report) => {
        force();
        for (const key of [...report.created, ...report.changed]) startIngestion(key);
      }),
    );
    const startIngestion = (key: string): void => {
      const [kind, name = ''] = key.split('/', 2);
      if (kind === 'KnowledgeBase' && registry.get('KnowledgeBase', name)?.spec.ingest === 'on-apply') ingestions.start(name, 'default');
    };
    for (const base of registry.list('KnowledgeBase')) startIngestion(`KnowledgeBase/${base.metadata.name}`);
    const alone = store.dialect === 'sqlite';
    void Promise.allSettled([agents.resume({ takeOver: alone }), pipelines.resume({ takeOver: alone }), evaluations.resume()]).then((results) => {
      for (const result of results) if (result.status === 'rejected') log.error({ err: result.reason as unknown }, 'interrupted work could not be resumed');
    });
    stored.batches.start();
    ready = true;

    return {
      url,
      masterKey,
      dataDir: config.dataDir,
      loginUrl: () => `${url}/?login=${sessions.createLogin()}`,
      models: catalogue.list().map((entry) => ({ id: entry.name, note: `${entry.kind}${entry.simulated ? ', simulated' : ''}` })),
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
