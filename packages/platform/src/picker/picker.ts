import type { Router } from '#router';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { createChooser } from './choose/choose-endpoint.ts';
import type { PickQueue } from './choose/pick-queue.ts';
import type { SaturationLimits } from './choose/saturation.ts';
import { type ExchangeDeps, openExchange } from './exchange/exchange.ts';
import { createPickStats, type PickStats } from './pick-stats.ts';
import type { Objectives, Pool } from './ports.ts';
import { type GrpcServerOptions, openGrpcServer } from './server/grpc-server.ts';
import { createHealth } from './server/health.ts';
import { services } from './server/services.ts';
import { loadCodec } from './wire/codec.ts';

export interface PickerOptions extends Pick<GrpcServerOptions, 'listen' | 'tls'> {
  readonly pool: Pool;
  readonly router: Router;
  readonly objectives: Objectives;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Name of a policy that the router knows. */
  readonly policy: string;
  /** Addresses that the proxy is told, the chosen one included. */
  readonly maxEndpoints: number;
  readonly saturation: SaturationLimits;
  /** Requests wait in it while all endpoints are full. */
  readonly queue?: PickQueue | undefined;
  /** Longest request body in bytes. */
  readonly maxBodyBytes: number;
}

/** A running endpoint picker. */
export interface Picker {
  readonly port: number;
  readonly stats: PickStats;
  /** What the health services answer: not ready at first. */
  setReady(ready: boolean): void;
  /** Not ready from now on; waits for open exchanges as long as this, then cuts them. */
  close(graceMs: number): Promise<void>;
}

/** Serves `envoy.service.ext_proc.v3` and `grpc.health.v1`. Throws `port_in_use`. */
export async function startPicker(options: PickerOptions): Promise<Picker> {
  const { pool, router, clock, log } = options;
  const codec = await loadCodec();
  const health = createHealth();
  const tally = createPickStats();
  const deps: ExchangeDeps = {
    pool,
    router,
    clock,
    chooser: createChooser({ ...options, queue: options.queue }),
    maxBodyBytes: options.maxBodyBytes,
    tally,
    queue: options.queue,
  };
  const server = await openGrpcServer({
    listen: options.listen,
    tls: options.tls,
    clock,
    methods: services({ codec, health, log, open: (send) => openExchange(deps, send) }),
  });
  return {
    port: server.port,
    stats: tally.now,
    setReady: health.setReady,
    close: (graceMs) => {
      health.close();
      return server.close(graceMs);
    },
  };
}
