import type { Clock } from '#time';
import type { Degradations } from '../degradations.ts';
import type { KvIndex } from '../kv-index/kv-index.ts';
import { KvSource } from '../kv-index/kv-source.ts';
import { EventOrder } from './event-order.ts';
import { openZmqFeed, type ZmqAddress, type ZmqFeed } from './zmq-feed.ts';

/** Follows the cache of one rank of one endpoint. */
export interface KvFollower {
  readonly source: KvSource;
  /** Messages applied. */
  readonly messages: number;
  /** Number of the last message; -1 before the first. */
  readonly last: number;
  /** Whether everything that is known of has been applied. */
  readonly inStep: boolean;
  /** The engine has certainly started anew (its counters went back): what was known is void. */
  restarted(): void;
  close(): Promise<void>;
}

export interface KvFollowerOptions {
  readonly endpoint: string;
  readonly address: ZmqAddress;
  readonly index: KvIndex;
  readonly degradations: Degradations;
  readonly clock: Clock;
}

/** Subscribes to an engine's KV events and keeps its part of the index, until it is closed. */
export async function followKvEvents(options: KvFollowerOptions): Promise<KvFollower> {
  const { endpoint, address, degradations } = options;
  const onProblem = (name: string, detail: string): void => degradations.raise(name, endpoint, detail);
  const source = new KvSource({ index: options.index, onProblem });
  let messages = 0;
  let feed: ZmqFeed | undefined;
  const order = new EventOrder({
    apply: (batch) => {
      messages += 1;
      for (const event of batch.events) source.apply(event);
    },
    reset: () => source.clear(),
    askReplay: address.replay === undefined ? undefined : (from) => feed?.askReplay(from),
    onProblem,
  });
  feed = await openZmqFeed({
    address,
    clock: options.clock,
    order: () => order,
    onConnection: (connected) => {
      if (!connected) {
        onProblem('kv-disconnected', `no connection to ${address.publish}`);
        return;
      }
      degradations.settle('kv-disconnected', endpoint);
      order.catchUp();
    },
  });
  return {
    source,
    get messages() {
      return messages;
    },
    get last() {
      return order.last;
    },
    get inStep() {
      return !order.awaitsReplay;
    },
    restarted: () => {
      source.clear();
      order.catchUp();
    },
    close: async () => {
      await feed?.close();
      source.clear();
    },
  };
}
