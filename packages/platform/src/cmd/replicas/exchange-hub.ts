import { isPlatformError } from '@maru/api/errors';
import type { Exchange } from '#router';
import type { Log } from '#telemetry';
import { type Clock, repeat } from '#time';

/** Somebody who is told what routers say. */
export interface ExchangeListener {
  /** Of the same machine: hears what other machines say too, and what it says goes on to all. */
  readonly local: boolean;
  send(line: string): void;
}

/** Where the lines of a router leave its process, and those of others enter it. */
export interface ExchangeHub {
  /** Tells a newcomer everything, and news from then on; returns how it leaves. */
  join(listener: ExchangeListener): () => void;
  /** A line has come; undefined where nobody who listens has sent it. Lines that can not be read are named once and left out. */
  hear(line: string, from?: ExchangeListener): void;
  close(): Promise<void>;
}

export interface ExchangeHubOptions {
  readonly exchange: Exchange;
  /** Of this router among all; new at each start. */
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** What was decided meanwhile is load that others do not see: longer, and they choose the same endpoint. */
const EVERY_MS = 25;

export function createExchangeHub({ exchange, id, clock, log }: ExchangeHubOptions): ExchangeHub {
  const listeners = new Set<ExchangeListener>();
  const named = new Set<string>();
  exchange.begin(id);
  const telling = repeat(clock, EVERY_MS, async () => {
    const line = exchange.next();
    if (line !== undefined) for (const listener of listeners) listener.send(line);
  });

  return {
    join: (listener) => {
      for (const line of exchange.whole()) listener.send(line);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    hear: (line, from) => {
      try {
        if (!exchange.hear(line)) return;
        for (const listener of listeners) if (listener !== from && (listener.local || from?.local === true)) listener.send(line);
      } catch (error) {
        if (!isPlatformError(error)) throw error;
        if (named.has(error.code)) return;
        named.add(error.code);
        log.warn({ code: error.code }, error.message);
      }
    },
    close: () => telling.stop(),
  };
}
