import { join } from 'node:path';
import { CLIENT_ACCEPTORS, createForwarder, createHttpServer, createUpstream } from '#http';
import { openRegistry } from '#resources';
import { openStore } from '#store';
import { createLog } from '#telemetry';
import { createIds, createSystemClock, repeat } from '#time';
import { isWorkersRequest } from '../data-paths.ts';
import { openDataPlane } from '../data-plane.ts';
import { createFileSecrets } from '../file-secrets.ts';
import { createExchangeHub, type ExchangeListener } from '../replicas/exchange-hub.ts';
import { createSharedLoads } from './endpoint-loads.ts';
import type { MainLink } from './main-link.ts';
import type { WorkerPlan } from './messages.ts';
import { remoteAgents } from './remote-agents.ts';
import { createReporter } from './reporter.ts';
import { lockWorkerFolder, workerFolder, workerHolder } from './worker-folder.ts';

/** A worker that serves. */
export interface Worker {
  /** No new requests, answers may finish for 30 s, everything is settled. */
  close(): Promise<void>;
}

const DRAIN_MS = 30_000;
const LOADS_EVERY_MS = 100;
const REPORT_EVERY_MS = 1000;

/** Opens the data plane of a worker and serves it on the port of the platform. What was opened before a failure is closed again. */
export async function startWorker(plan: WorkerPlan, link: MainLink): Promise<Worker> {
  const { config, index } = plan;
  const clock = createSystemClock();
  const ids = createIds(() => clock.nowMs());
  const log = createLog(config.logLevel).child({ worker: index });
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const onClose = (close: () => Promise<unknown> | unknown): void => void closers.push(close);
  const closeAll = async (): Promise<void> => {
    for (const close of closers.reverse()) await Promise.resolve(close()).catch((error: unknown) => log.error({ err: error }, 'closing failed'));
  };

  try {
    const spoolDir = workerFolder(config.dataDir, index);
    const lock = await lockWorkerFolder(spoolDir, clock);
    onClose(() => lock.release());
    const store = await openStore({ url: config.databaseUrl ?? join(config.dataDir, 'maru.sqlite'), log });
    onClose(() => store.close());
    const registry = await openRegistry({ store, clock });
    const secrets = createFileSecrets();
    secrets.offer(new Map(plan.secrets));
    const main = createForwarder(plan.mainSocket);
    onClose(() => main.close());
    const agents = createUpstream({
      origin: 'http://agents',
      socketPath: plan.agentsSocket,
      connectTimeoutMs: 5000,
      // The gateway ends what takes too long, as the agent says.
      headersTimeoutMs: 0,
      bodyTimeoutMs: 0,
    });
    onClose(() => agents.close());
    const loads = createSharedLoads();
    const plane = await openDataPlane({
      config,
      store,
      registry,
      clock,
      ids,
      log,
      masterKey: plan.masterKey,
      spoolDir,
      holder: store.dialect === 'sqlite' ? workerHolder(index) : undefined,
      secrets,
      sessions: { find: () => undefined },
      retentionMs: Number.POSITIVE_INFINITY,
      agentEngine: remoteAgents(agents),
      watched: loads.watch,
      onClose,
    });
    plane.force();
    registry.subscribe(() => plane.force());
    let { mainPaths } = plan;
    const reporter = createReporter(plane, loads.ownOf);

    const server = await createHttpServer({
      host: config.host,
      port: plan.port,
      reusePort: plan.reusePort,
      acceptors: plan.reusePort ? CLIENT_ACCEPTORS : 1,
      clock,
      drainMs: DRAIN_MS,
      handler: (request, response) => {
        // The console has a page of this name; a client with a key wants the list.
        if (request.url === '/models' && request.headers.authorization !== undefined) request.url = '/v1/models';
        const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
        if (path === '/livez' || path === '/readyz') return void response.end('ok\n');
        return isWorkersRequest(request, path, mainPaths) ? plane.gateway.handle(request, response) : main.forward(request, response);
      },
    });
    onClose(() => plane.gateway.close(DRAIN_MS));
    onClose(() => server.close());

    const hub = createExchangeHub({ exchange: plane.router.exchange, id: ids.next('router'), clock, log });
    onClose(() => hub.close());
    const toMain: ExchangeListener = { local: true, send: (line) => link.send({ type: 'exchange', line }) };
    hub.join(toMain);
    link.listen((message) => {
      if (message.type === 'others') loads.setOthers(message.loads);
      else if (message.type === 'exchange') hub.hear(message.line, toMain);
      else if (message.type === 'resources') {
        secrets.offer(new Map(message.secrets));
        mainPaths = message.mainPaths;
        void registry
          .reread()
          .catch((error: unknown) => log.error({ err: error }, 'the changed resources could not be read: the old state stays'))
          .then(() => link.send({ type: 'done', id: message.id }));
      } else if (message.type === 'keys') {
        void plane.ledger
          .reread()
          .catch((error: unknown) => log.error({ err: error }, 'changed accounts could not be read: it is tried again'))
          .then(() => link.send({ type: 'done', id: message.id }));
      }
    });
    let said = '{}';
    const sayLoads = repeat(clock, LOADS_EVERY_MS, async () => {
      const own = loads.own();
      const text = JSON.stringify(own);
      if (text === said) return;
      said = text;
      link.send({ type: 'loads', loads: own });
    });
    onClose(() => sayLoads.stop());
    const report = repeat(clock, REPORT_EVERY_MS, async () => link.send({ type: 'report', report: reporter.read() }));
    onClose(() => report.stop());
    return { close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
