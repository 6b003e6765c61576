import { CLIENT_ACCEPTORS, createHttpServer, type HttpServerOptions, httpUrl } from '#http';
import type { Clock } from '#time';
import type { WorkerPlan } from './workers/messages.ts';
import { makeSocketFolder } from './workers/socket-folder.ts';
import type { WorkerFleet } from './workers/worker-fleet.ts';

export interface FrontOptions {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly workers: number;
  readonly clock: Clock;
  readonly drainMs: number;
  readonly handler: HttpServerOptions['handler'];
  /** Answers for agents, to whom only workers can reach. */
  readonly agentsHandler: HttpServerOptions['handler'];
  /** Starts the workers, which listen where they are told. */
  readonly startFleet: (place: Pick<WorkerPlan, 'port' | 'reusePort' | 'mainSocket' | 'agentsSocket'>) => WorkerFleet;
  readonly onClose: (close: () => Promise<unknown> | unknown) => void;
}

/** How a platform is reached. */
export interface Front {
  readonly url: string;
  /** Undefined where the main process listens itself. */
  readonly fleet: WorkerFleet | undefined;
}

/** Listens: this process itself, or workers in front of it. Resolves when all of them serve. Throws `port_in_use` and `config_invalid`. */
export async function openFront(options: FrontOptions): Promise<Front> {
  const { host, port, clock, drainMs, handler, onClose } = options;
  if (options.workers === 0) {
    const server = await createHttpServer({ host, port, acceptors: CLIENT_ACCEPTORS, clock, drainMs, handler });
    onClose(() => server.close());
    return { url: server.url, fleet: undefined };
  }
  const sockets = makeSocketFolder(options.dataDir);
  onClose(() => sockets.remove());
  const agents = await createHttpServer({ host, port: 0, socketPath: sockets.agents, clock, drainMs, requestTimeoutMs: 0, handler: options.agentsHandler });
  onClose(() => agents.close());
  const main = await createHttpServer({ host, port: 0, socketPath: sockets.main, clock, drainMs, handler });
  onClose(() => main.close());
  const free = await findPort(options);
  const fleet = options.startFleet({ port: free, reusePort: process.platform === 'linux', mainSocket: sockets.main, agentsSocket: sockets.agents });
  onClose(() => fleet.close());
  await fleet.ready;
  return { url: httpUrl(host, free), fleet };
}

/** The port for all workers. Listening alone for a moment finds out whether another program has it, which workers that share it would not notice. */
async function findPort({ host, port, clock }: FrontOptions): Promise<number> {
  const server = await createHttpServer({ host, port, clock, drainMs: 0, handler: (_request, response) => void response.destroy() });
  await server.close();
  return server.port;
}
