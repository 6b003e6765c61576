import type { Clock } from '#time';
import type { EventOrder } from './event-order.ts';

const REPLAY_SILENCE_MS = 5000;
const RECEIVE_HIGH_WATER = 100_000;
const END = -1n;

export interface ZmqAddress {
  /** Where the engine publishes, `tcp://host:5557`. */
  readonly publish: string;
  /** Where it replays; without it a gap stays a gap. */
  readonly replay?: string | undefined;
  /** What topics begin with; all where absent. */
  readonly topic?: string | undefined;
}

/** Listens to one publisher until it is closed. */
export interface ZmqFeed {
  /** Asks for a replay; the answers go to the order. */
  askReplay(from: number): void;
  close(): Promise<void>;
}

export interface ZmqFeedOptions {
  readonly address: ZmqAddress;
  /** Told what arrives. */
  readonly order: () => EventOrder;
  readonly clock: Clock;
  /** Connection made or lost. */
  readonly onConnection: (connected: boolean) => void;
}

/** Subscribes to the KV events of an engine: three frames per message, topic, number (8 bytes) and payload. Reconnects by itself. */
export async function openZmqFeed(options: ZmqFeedOptions): Promise<ZmqFeed> {
  const { address, clock, order } = options;
  const { Subscriber, Dealer } = await import('zeromq');
  const subscriber = new Subscriber({ receiveHighWaterMark: RECEIVE_HIGH_WATER, linger: 0, reconnectInterval: 100, reconnectMaxInterval: 5000 });
  subscriber.events.on('connect', () => options.onConnection(true));
  subscriber.events.on('disconnect', () => options.onConnection(false));
  subscriber.subscribe(address.topic ?? '');
  subscriber.connect(address.publish);
  const replays = new Set<Promise<void>>();
  let closed = false;

  const listen = async (): Promise<void> => {
    for await (const frames of subscriber) {
      if (closed) return;
      const [, number, payload] = frames;
      if (number?.length === 8 && payload !== undefined) order().live(Number(number.readBigUInt64BE()), payload);
    }
  };
  const listening = listen();

  const replay = async (from: number, at: string): Promise<void> => {
    const dealer = new Dealer({ linger: 0, receiveTimeout: REPLAY_SILENCE_MS, sendTimeout: REPLAY_SILENCE_MS });
    const stop = clock.schedule(REPLAY_SILENCE_MS * 6, () => dealer.close());
    try {
      dealer.connect(at);
      const number = Buffer.alloc(8);
      number.writeBigUInt64BE(BigInt(from));
      await dealer.send([Buffer.alloc(0), number]);
      for (;;) {
        const frames = await dealer.receive();
        const [seq, payload] = frames.slice(-2);
        if (closed || seq?.length !== 8 || payload === undefined) return order().replayEnd('the answer has not the form of a replay');
        if (seq.readBigInt64BE() === END) return order().replayEnd();
        order().replayed(Number(seq.readBigUInt64BE()), payload);
      }
    } catch (error) {
      if (!closed) order().replayEnd(`no replay from ${at}: ${(error as Error).message}`);
    } finally {
      stop.cancel();
      if (!dealer.closed) dealer.close();
    }
  };

  return {
    askReplay: (from) => {
      if (address.replay === undefined || closed) return;
      const run = replay(from, address.replay).finally(() => replays.delete(run));
      replays.add(run);
    },
    close: async () => {
      closed = true;
      subscriber.close();
      await Promise.allSettled([listening, ...replays]);
    },
  };
}
