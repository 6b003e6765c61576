import type { Config } from '#config';
import type { Router } from '#router';
import type { Log } from '#telemetry';
import type { Clock, Ids } from '#time';
import { createExchangeHub, type ExchangeHub } from './exchange-hub.ts';
import { followPeers } from './follow-peers.ts';
import { type ServedExchange, serveExchange } from './serve-exchange.ts';

export interface OpenExchangeOptions {
  readonly router: Pick<Router, 'exchange'>;
  readonly config: Pick<Config, 'peers'>;
  readonly masterKey: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** The exchange of a main process with its workers and with other replicas. */
export interface OpenExchange extends Pick<ServedExchange, 'handle'> {
  readonly hub: Pick<ExchangeHub, 'join' | 'hear'>;
  /** Ends what other replicas hear and what is heard of them. */
  close(): Promise<void>;
}

/** Begins to tell only when somebody could listen: a worker, or another replica. */
export function openExchange({ router, config, masterKey, clock, ids, log }: OpenExchangeOptions): OpenExchange {
  const hub = lazyHub(() => createExchangeHub({ exchange: router.exchange, id: ids.next('router'), clock, log }));
  const served = serveExchange(hub, masterKey);
  const following = config.peers.length === 0 ? undefined : followPeers({ peers: config.peers, hub, masterKey, clock, ids, log });
  return {
    hub,
    handle: served.handle,
    close: async () => {
      served.close();
      await following?.close();
      await hub.close();
    },
  };
}

function lazyHub(open: () => ExchangeHub): ExchangeHub {
  let opened: ExchangeHub | undefined;
  const hub = (): ExchangeHub => {
    opened ??= open();
    return opened;
  };
  return {
    join: (listener) => hub().join(listener),
    hear: (line, from) => hub().hear(line, from),
    close: async () => opened?.close(),
  };
}
