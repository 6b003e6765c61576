import { join } from 'node:path';
import type { PlatformError } from '@maru/api/errors';
import type { SessionInfo } from '@maru/api/wire';
import { createAgents } from '#agents';
import { type Config, childEnvironment, loadMasterKey, providerModels } from '#config';
import { createControl, createSessions, createSimulations } from '#control';
import { createEvals } from '#evals';
import { createPassThrough, type Gateway } from '#gateway';
import { createKnowledge } from '#knowledge';
import { createPipelines } from '#pipelines';
import { type CheckedTexts, openCheckedTexts, openRegistry } from '#resources';
import { lockDataDir, migrateStore, openStore } from '#store';
import { createLog } from '#telemetry';
import { createIds, createSystemClock } from '#time';
import { agentEngineFor } from './agent-engines.ts';
import { agentPorts } from './agent-ports.ts';
import { applySources, followSources, readSources } from './apply-changes.ts';
import { openStored } from './batch-ports.ts';
import { withConsoleKey } from './console-key.ts';
import { controlPorts } from './control-ports/index.ts';
import { isDataPath } from './data-paths.ts';
import { openDataPlane } from './data-plane.ts';
import { createEvaluations, meansByType } from './evaluations.ts';
import { createFileSecrets } from './file-secrets.ts';
import { withFileSettings } from './file-settings.ts';
import { openFront } from './front.ts';
import { createIngestions } from './ingestions.ts';
import { gatewayAuthenticator } from './ledger-ports.ts';
import { litellmMetrics } from './litellm-metrics.ts';
import { createRulesInForce } from './litellm-rules.ts';
import { dataPlaneMetrics, serveMetrics, workersServing } from './metrics.ts';
import { passThroughMeter } from './pass-through-meter.ts';
import { pipelinePorts } from './pipeline-ports.ts';
import { consoleDir, quickstartDir } from './places.ts';
import { PROGRAM_ID } from './program-id.ts';
import { openExchange } from './replicas/open-exchange.ts';
import { EXCHANGE_PATH } from './replicas/serve-exchange.ts';
import { createSourceLog } from './source-log.ts';
import { refreshStatuses } from './statuses.ts';
import { createSweeps } from './sweeps.ts';
import { agentsDoor } from './workers/agents-door.ts';
import { createSharedLoads } from './workers/endpoint-loads.ts';
import { settleLeftSpools } from './workers/settle-left-spools.ts';
import { sumMetrics } from './workers/sum-metrics.ts';
import { countersWithWorkers, ledgerWithWorkers, routerWithWorkers } from './workers/with-workers.ts';
import { startWorkerFleet, type WorkerFleet } from './workers/worker-fleet.ts';
import type { WorkerReports } from './workers/worker-reports.ts';

export interface PlatformOptions {
  readonly config: Config;
  /** Files and folders of resources; the quickstart where empty. */
  readonly files: readonly string[];
  readonly version: string;
  /** Told a person what happens while the platform runs. */
  readonly say: (text: string) => void;
  /** Told when the platform can not go on: it is to be closed. */
  readonly onFailed?: (error: PlatformError) => void;
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
/** What cuts its answers after that is given so long to settle. */
const KILL_AFTER_MS = 10_000;

/** Opens the store, the rooms and the surfaces, wires them, and listens. What was opened before a failure is closed again. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { version, say } = options;
  const clock = createSystemClock();
  const ids = createIds(() => clock.nowMs());
  const log = createLog(options.config.logLevel);
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const onClose = (close: () => Promise<unknown> | unknown): void => void closers.push(close);
  const closeAll = async (): Promise<void> => {
    for (const close of closers.reverse()) await Promise.resolve(close()).catch((error: unknown) => log.error({ err: error }, 'closing failed'));
  };

  try {
    const paths = options.files.length === 0 ? [quickstartDir()] : options.files;
    const texts = await openTexts(options.config.dataDir);
    const loaded = await readSources(paths, texts?.parse);
    const config = withFileSettings(options.config, loaded.litellm?.settings);
    const lock = lockDataDir(config.dataDir, clock.nowMs());
    onClose(() => lock.release());
    const masterKey = loadMasterKey({ dataDir: config.dataDir, given: config.masterKey, secret: () => ids.secret() });
    const store = await openStore({ url: config.databaseUrl ?? join(config.dataDir, 'maru.sqlite'), log });
    onClose(() => store.close());
    await migrateStore(store);
    await settleLeftSpools({ dataDir: config.dataDir, workers: config.workers, store, clock, ids, log });
    const registry = await openRegistry({ store, clock, ...(texts === undefined ? {} : { parse: texts.parse }) });
    const secrets = createFileSecrets();
    const sessions = createSessions({ clock, ids, admin: { role: 'admin', tenant: 'default', keyId: 'master' } });
    const loads = createSharedLoads();
    let fleet: WorkerFleet | undefined;
    const reports = (): WorkerReports | undefined => fleet?.reports;
    const forWorkers = () => ({ secrets: secrets.list(), mainPaths: rules.read().passThrough.map((rule) => rule.path) });
    const tellResources = async (): Promise<void> => fleet?.tell({ type: 'resources', ...forWorkers() });
    const plane = await openDataPlane({
      config,
      store,
      registry,
      clock,
      ids,
      log,
      masterKey,
      spoolDir: join(config.dataDir, 'spool'),
      secrets,
      sessions,
      retentionMs: RETENTION_MS,
      agentEngine: (agent, facts) => agentEngine(agent, facts),
      openStored: (made) =>
        openStored({ store, clock, ids, log, ...made, busy: () => made.gateway().active() + (fleet?.reports.active() ?? 0), dataDir: config.dataDir }),
      watched: loads.watch,
      onClose,
    });
    const { ledger, traces, router, counters, pool, gateway, catalogue, guardedFetch, secretOf } = plane;
    const theGateway = (): Gateway => gateway;

    const knowledge = createKnowledge({ store, clock, ids, log, embed: plane.embeddersFor('knowledge') });
    onClose(() => knowledge.close());
    const ingestions = createIngestions({ registry, knowledge, clock, ids, log });
    onClose(() => ingestions.close());
    const searchPath = childEnvironment({})['PATH'] ?? '';
    const agents = createAgents({
      store,
      clock,
      ids,
      log,
      leaseTtlMs: LEASE_MS,
      searchPath,
      captureContent: config.captureContent,
      ports: agentPorts({ registry, knowledge, traces, gateway: theGateway, guardedFetch, resolveSecret: secretOf }),
    });
    onClose(() => agents.close());
    const evals = createEvals({ store, clock, ids, log, scores: traces });
    onClose(() => evals.close());
    const evaluations = createEvaluations({ registry, evals, knowledge, gateway: theGateway, log });
    const evaluate = async (name: string, _context: unknown, signal: AbortSignal) => {
      const run = await (await evaluations.start(name, { signal })).finished;
      return { means: meansByType(run.means), runId: run.id };
    };
    const pipelines = createPipelines({ store, clock, ids, log, leaseTtlMs: LEASE_MS, ports: pipelinePorts({ registry, traces, ingestions, evaluate }) });
    onClose(() => pipelines.close());

    const simulations = createSimulations({
      folder: join(config.dataDir, 'simulations'),
      maxUploadBytes: config.maxBodyBytes,
      sweeps: createSweeps(),
      clock,
      ids,
      log,
    });
    onClose(() => simulations.close());

    const agentEngine = agentEngineFor({ agents, clock });

    const force = (): void => {
      plane.force();
      pipelines.schedule(registry.list('Pipeline'), { tenant: 'default' });
      refreshStatuses(registry, pool);
    };
    const sourceLog = createSourceLog(clock);
    const rules = createRulesInForce(() => void tellResources());
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
      ledger: ledgerWithWorkers(ledger, async () => fleet?.tell({ type: 'keys' })),
      traces,
      router: routerWithWorkers(router, reports),
      pool,
      counters: countersWithWorkers(counters, reports),
      fleets: plane.fleets,
      workers: config.workers,
      simulations,
      cacheSavings: plane.cacheSavings,
      batches: plane.stored?.batches,
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
    onClose(() => passThrough.close());
    const control = createControl({ ports, sessions, clock, log, maxBodyBytes: config.maxBodyBytes, consoleDir: consoleDir(), secureCookies: false });

    let ready = false;
    const active = (): number => gateway.active() + (reports()?.active() ?? 0);
    const further = () => litellmMetrics({ ledger, registry, active, problemOf: ports.litellm.problemOf });
    const families = () => {
      const own = dataPlaneMetrics({ ...plane, loadOf: loads.ownOf });
      return fleet === undefined ? own : [...sumMetrics([own, fleet.reports.metrics()]), workersServing(fleet.serving())];
    };
    const metrics = serveMetrics({ families, further });
    const exchange = openExchange({ router, config, masterKey, clock, ids, log });
    onClose(() => gateway.close(DRAIN_MS));
    const front = await openFront({
      ...config,
      clock,
      drainMs: DRAIN_MS,
      handler: async (request, response) => {
        // The console has a page of this name; a client with a key wants the list.
        if (request.url === '/models' && request.headers.authorization !== undefined) request.url = '/v1/models';
        const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
        if (path === '/livez') return void response.end('ok\n');
        if (path === '/readyz') return void response.writeHead(ready ? 200 : 503).end(ready ? 'ok\n' : 'not ready\n');
        if (path === '/metrics') return metrics(request, response);
        if (path === EXCHANGE_PATH) return exchange.handle(request, response);
        if (rules.read().passThrough.length > 0 && (await passThrough.handle(request, response))) return;
        if (isDataPath(path, request.method)) return gateway.handle(withConsoleKey(request), response);
        if (!(await control(request, response))) await gateway.handle(request, response);
      },
      agentsHandler: agentsDoor({ agents, registry, clock, maxBodyBytes: config.maxBodyBytes }),
      startFleet: (place) =>
        startWorkerFleet({
          count: config.workers,
          planOf: (index) => ({ ...forWorkers(), index, config, masterKey, ...place }),
          loads,
          hub: exchange.hub,
          graceMs: DRAIN_MS + KILL_AFTER_MS,
          onGivenUp: (error) => options.onFailed?.(error),
          clock,
          ids,
          log,
        }),
      onClose,
    });
    url = front.url;
    onClose(() => exchange.close());
    fleet = front.fleet;
    onClose(() => {
      ready = false;
    });
    const watcher = followSources(source, loaded);
    onClose(() => watcher.close());
    onClose(
      registry.subscribe(async (report) => {
        force();
        for (const key of [...report.created, ...report.changed]) startIngestion(key);
        await tellResources();
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
    plane.stored?.batches.start();
    ready = true;
    // Behind the first requests; closing waits for it.
    const saved = texts?.save();
    onClose(() => saved);

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

/** What the files and the database said at the last start, for a program that knows itself. */
const openTexts = async (dataDir: string): Promise<CheckedTexts | undefined> =>
  PROGRAM_ID === undefined ? undefined : openCheckedTexts({ file: join(dataDir, 'cache', 'resources.json'), program: PROGRAM_ID });
