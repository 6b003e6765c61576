import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PlatformError } from '@maru/api/errors';
import { sendError } from '#http';
import type { Clock } from '#time';
import type { ScheduledFault } from './faults/fault-schedule.ts';
import { createServerState } from './faults/server-state.ts';
import type { TwinEngine } from './twin-engine.ts';
import { handleTwinRequest } from './twin-routes.ts';

export interface TwinServerOptions {
  readonly engine: TwinEngine;
  /** 0 takes any free port. */
  readonly port: number;
  /** `127.0.0.1` where absent. */
  readonly host?: string;
  /** Lets it fail on purpose, in the time of this clock; it never does where absent. */
  readonly faults?: TwinFaults;
}

export interface TwinFaults {
  readonly clock: Clock;
  /** Requests may say by a header that they want to fail. */
  readonly byHeader: boolean;
  /** Times count from the start of the server. */
  readonly schedule?: readonly ScheduledFault[];
  /** Told when something of the schedule begins. */
  readonly onFault?: (fault: ScheduledFault) => void;
}

export interface TwinServer {
  readonly url: string;
  readonly port: number;
  /** Cuts open connections and closes the engine. */
  close(): Promise<void>;
}

/** Serves a twin over HTTP with the paths of vLLM; throws `port_in_use`. */
export async function createTwinServer(options: TwinServerOptions): Promise<TwinServer> {
  const { engine, faults } = options;
  const host = options.host ?? '127.0.0.1';
  const server = createServer((request, response) => {
    if (state?.isDown() === true) return void request.destroy();
    const clock = faults?.byHeader === true ? faults.clock : undefined;
    handleTwinRequest({ engine, request, response, state, faultClock: clock }).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendError(response, error);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new PlatformError('port_in_use', { message: `can not listen on ${host}:${options.port}: ${cause.message}`, cause })),
    );
    server.listen(options.port, host, resolve);
  });
  const state =
    faults === undefined
      ? undefined
      : createServerState({
          engine,
          clock: faults.clock,
          cutConnections: () => server.closeAllConnections(),
          schedule: faults.schedule ?? [],
          onFault: (fault) => faults.onFault?.(fault),
        });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${host}:${port}`,
    close: async () => {
      state?.close();
      await engine.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
