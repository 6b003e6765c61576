import type { PlatformError } from '@maru/api/errors';
import type { Log } from '#telemetry';
import { type Clock, type Ids, repeat } from '#time';
import type { ExchangeHub, ExchangeListener } from '../replicas/exchange-hub.ts';
import { type SharedLoads, sumLoads } from './endpoint-loads.ts';
import type { EndpointLoads, FromWorker, ToWorker, WorkerPlan } from './messages.ts';
import { startWorkerProcess, type WorkerProcess } from './start-worker.ts';
import { type Supervisor, superviseWorkers } from './supervisor.ts';
import { createWorkerReports, type WorkerReports } from './worker-reports.ts';

export interface WorkerFleetOptions {
  readonly count: number;
  /** The plan of a worker that starts now. */
  readonly planOf: (index: number) => WorkerPlan;
  /** What the main process has running itself. */
  readonly loads: SharedLoads;
  /** Where the routers of the workers hear each other and those of other machines. */
  readonly hub: Pick<ExchangeHub, 'join' | 'hear'>;
  readonly graceMs: number;
  readonly onGivenUp: (error: PlatformError) => void;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** The workers of a platform, as the main process sees them. */
export interface WorkerFleet extends Supervisor {
  readonly reports: WorkerReports;
  /** Tells every worker of a change; resolves when each has taken it over, has ended, or has been silent for two seconds. */
  tell(change: Change): Promise<void>;
}

type Change = ({ readonly type: 'resources' } & Pick<WorkerPlan, 'secrets' | 'mainPaths'>) | { readonly type: 'keys' };

const PATIENCE_MS = 2000;
const EXCHANGE_MS = 100;

/** Starts the workers, and passes between them what each is to know of the others. */
export function startWorkerFleet(options: WorkerFleetOptions): WorkerFleet {
  const { clock, ids, log, loads } = options;
  const processes = new Map<number, WorkerProcess>();
  const loadsOf = new Map<number, EndpointLoads>();
  const listeners = new Map<number, ExchangeListener>();
  const reports = createWorkerReports();
  const waiting = new Map<number, (index: number) => void>();
  let messages = 0;

  const hear = (index: number, message: FromWorker): void => {
    if (message.type === 'loads') loadsOf.set(index, message.loads);
    else if (message.type === 'exchange') options.hub.hear(message.line, listeners.get(index));
    else if (message.type === 'report') reports.take(index, message.report);
    else if (message.type === 'done') waiting.get(message.id)?.(index);
  };
  const start = (index: number): WorkerProcess => {
    const started = startWorkerProcess({ plan: options.planOf(index), onMessage: (message) => hear(index, message) });
    processes.set(index, started);
    const listener: ExchangeListener = { local: true, send: (line) => started.send({ type: 'exchange', line }) };
    listeners.set(index, listener);
    // What is sent before it listens waits for it.
    const leave = options.hub.join(listener);
    void started.exited.then(() => {
      leave();
      processes.delete(index);
      loadsOf.delete(index);
      reports.ended(index);
      for (const done of waiting.values()) done(index);
    });
    return started;
  };
  const supervisor = superviseWorkers({ ...options, start, clock, ids, log });

  const said = new Map<number, string>();
  const exchange = repeat(clock, EXCHANGE_MS, async () => {
    const own = loads.own();
    for (const [index, process] of processes) {
      const others = sumLoads([own, ...[...loadsOf].flatMap(([each, of]) => (each === index ? [] : [of]))]);
      const text = `${process.pid} ${JSON.stringify(others)}`;
      if (said.get(index) === text) continue;
      said.set(index, text);
      process.send({ type: 'others', loads: others });
    }
    loads.setOthers(sumLoads([...loadsOf.values()]));
  });

  const tell = async (change: Change): Promise<void> => {
    messages += 1;
    const id = messages;
    const message: ToWorker = { ...change, id };
    const silent = new Set(processes.keys());
    if (silent.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.set(id, (index) => {
      silent.delete(index);
      if (silent.size === 0) resolve();
    });
    const late = clock.schedule(PATIENCE_MS, () => {
      log.warn({ workers: [...silent], change: change.type }, 'workers have not taken a change over yet');
      resolve();
    });
    for (const process of processes.values()) process.send(message);
    await promise;
    late.cancel();
    waiting.delete(id);
  };

  return {
    ...supervisor,
    reports,
    tell,
    async close() {
      await exchange.stop();
      await supervisor.close();
    },
  };
}
