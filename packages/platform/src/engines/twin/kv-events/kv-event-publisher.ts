import type { KvEventLog, KvMessage } from './kv-event-log.ts';

const END = Buffer.alloc(8, 0xff);
const HIGH_WATER = 100_000;

/** Publishes the KV events of a twin over ZMQ, as vLLM does: PUB with three frames, and a ROUTER that replays. */
export interface KvEventPublisher {
  readonly publishAddress: string;
  readonly replayAddress: string;
  /** Sends what has happened since the last call. */
  publish(): void;
  /** Takes the number of a message away without sending it, as a full queue of ZMQ would. */
  lose(): void;
  close(): Promise<void>;
}

export interface KvEventPublisherOptions {
  readonly log: KvEventLog;
  /** `tcp://127.0.0.1:0` takes any free port. */
  readonly publish: string;
  readonly replay: string;
  /** First frame of each message; empty where absent. */
  readonly topic?: string;
}

export async function openKvEventPublisher(options: KvEventPublisherOptions): Promise<KvEventPublisher> {
  const { log } = options;
  const { Publisher, Router } = await import('zeromq');
  const publisher = new Publisher({ sendHighWaterMark: HIGH_WATER, linger: 0 });
  const router = new Router({ linger: 0, mandatory: true });
  try {
    await publisher.bind(options.publish);
    await router.bind(options.replay);
  } catch (error) {
    publisher.close();
    router.close();
    throw error;
  }
  let sending: Promise<void> = Promise.resolve();
  let closed = false;

  const send = async (message: KvMessage): Promise<void> => {
    if (!closed) await publisher.send([options.topic ?? '', numberOf(message.seq), message.payload]);
  };

  const serve = async (): Promise<void> => {
    for await (const frames of router) {
      const [client, delimiter, from] = frames;
      if (closed || client === undefined || delimiter?.length !== 0 || from?.length !== 8) continue;
      try {
        for (const message of log.since(Number(from.readBigUInt64BE()))) await router.send([client, delimiter, numberOf(message.seq), message.payload]);
        await router.send([client, delimiter, END, Buffer.alloc(0)]);
      } catch {
        // The client has gone in the middle of its replay.
      }
    }
  };
  const serving = serve();

  return {
    publishAddress: publisher.lastEndpoint ?? options.publish,
    replayAddress: router.lastEndpoint ?? options.replay,
    publish() {
      const message = log.flush();
      if (message !== undefined) sending = sending.then(() => send(message)).catch(() => undefined);
    },
    lose: () => void log.flush(),
    close: async () => {
      await sending;
      closed = true;
      // Closing alone gives the addresses back some time later, and who starts anew wants them at once.
      await Promise.all([publisher.unbind(publisher.lastEndpoint ?? options.publish), router.unbind(router.lastEndpoint ?? options.replay)]);
      publisher.close();
      router.close();
      await serving;
    },
  };
}

function numberOf(seq: number): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(seq));
  return number;
}
