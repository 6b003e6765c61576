import { PlatformError } from '@maru/api/errors';
import type { Config } from '#config';
import { createHttpServer, type HttpServer, sendError } from '#http';
import type { Router } from '#router';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import type { MetricFamily } from './metric-family.ts';
import { serveMetrics } from './metrics.ts';
import { type OpenExchange, openExchange } from './replicas/open-exchange.ts';
import { EXCHANGE_PATH } from './replicas/serve-exchange.ts';

export interface PickerSideOptions {
  /** `host:port`; nothing is served where absent. */
  readonly listen: string | undefined;
  readonly config: Pick<Config, 'peers' | 'masterKey'>;
  readonly router: Pick<Router, 'exchange'>;
  readonly families: () => readonly MetricFamily[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export interface PickerSide {
  /** Undefined where nothing is served. */
  readonly port: number | undefined;
  close(): Promise<void>;
}

/**
 * What a picker has beside its gRPC port: `/metrics`, and with a master key the exchange with other pickers. Throws `config_invalid` for
 * peers without a master key or an address that is none, and `port_in_use`.
 */
export async function openPickerSide({ listen, config, router, families, clock, ids, log }: PickerSideOptions): Promise<PickerSide> {
  const { peers, masterKey } = config;
  if (peers.length > 0 && masterKey === undefined)
    throw new PlatformError('config_invalid', { message: 'MARU_PEERS is set and MARU_MASTER_KEY is not: pickers know each other by the same master key' });
  const exchange = masterKey === undefined ? undefined : openExchange({ router, config, masterKey, clock, ids, log });
  let server: HttpServer | undefined;
  try {
    server = listen === undefined ? undefined : await openServer(addressOf(listen), { exchange, families, clock });
  } catch (error) {
    await exchange?.close();
    throw error;
  }
  return {
    port: server?.port,
    close: async () => {
      await exchange?.close();
      await server?.close();
    },
  };
}

interface Served extends Pick<PickerSideOptions, 'families' | 'clock'> {
  readonly exchange: OpenExchange | undefined;
}

function openServer(address: { readonly host: string; readonly port: number }, { exchange, families, clock }: Served): Promise<HttpServer> {
  const metrics = serveMetrics({ families, further: () => Promise.resolve([]) });
  return createHttpServer({
    ...address,
    clock,
    drainMs: 0,
    handler: (request, response) => {
      const path = (request.url ?? '/').split('?', 1)[0];
      if (path === '/metrics') return metrics(request, response);
      if (path === EXCHANGE_PATH && exchange !== undefined) return exchange.handle(request, response);
      sendError(response, new PlatformError('not_found', { message: 'a picker serves /metrics here, and with MARU_MASTER_KEY what other pickers listen to' }));
    },
  });
}

function addressOf(listen: string): { readonly host: string; readonly port: number } {
  const [, v6, name, port] = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(listen) ?? [];
  const host = v6 ?? name;
  if (host === undefined || Number(port) > 65_535)
    throw new PlatformError('config_invalid', { message: `the address for metrics must be host:port, not "${listen}"` });
  return { host, port: Number(port) };
}
