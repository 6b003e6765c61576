import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Model, TwinMechanisms } from '@maru/api/resources';
import { createKvEventLog, createTwinEngine, createTwinServer, type KvEventPublisher, openKvEventPublisher } from '#engines';
import { createIds, createSystemClock } from '#time';

/** A twin behind HTTP that publishes its KV events, as a vLLM would. */
export interface ServedTwin {
  readonly url: string;
  /** Host and port. */
  readonly name: string;
  readonly eventPort: number;
  readonly replayPort: number;
  ask(body: object): Promise<void>;
  /** Prompt tokens that its cache holds. */
  cached(body: object): number;
  /** Number of the last message. */
  sent(): number;
  /** The next so many messages reach nobody; a replay still has them. */
  loseNext(messages: number): void;
  /** A new process at the same addresses, with an empty cache and other names of blocks. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface ServedTwinOptions {
  readonly kvBlocks: number;
  readonly encoding?: 'array' | 'map';
  readonly servedName?: string;
  /** Publishes nothing where false. */
  readonly events?: boolean;
  readonly prefixCaching?: boolean;
  /** Answers `/tokenize` where not false. */
  readonly tokenizes?: boolean;
  /** Answers it with the tokens of another model. */
  readonly otherTokens?: boolean;
  /** Tokens per block as its metrics claim. */
  readonly metricsBlockSize?: number;
  /** What it does beside batching and caching, as a Model says it. */
  readonly mechanisms?: TwinMechanisms;
  /** Keys that its events carry and requests do not. */
  readonly extraKeys?: readonly string[];
}

const clock = createSystemClock();
const ids = createIds(() => clock.nowMs());
const BLOCK_SIZE = 16;

export const chatBody = (topic: number): object => ({
  messages: [{ role: 'user', content: `${`topic ${topic} has a long beginning. `.repeat(20)}And a question?` }],
  max_tokens: 8,
});

export async function serveTwin(options: ServedTwinOptions): Promise<ServedTwin> {
  let running = await start(options, { http: 0, publish: 'tcp://127.0.0.1:0', replay: 'tcp://127.0.0.1:0', seed: 1 });
  const { port } = running.server;
  const front = await openFront(options, running.server.url);
  const addresses = { http: port, publish: running.publisher.publishAddress, replay: running.publisher.replayAddress };
  return {
    url: `http://127.0.0.1:${front.port}`,
    name: `127.0.0.1:${front.port}`,
    eventPort: portOf(addresses.publish),
    replayPort: portOf(addresses.replay),
    ask: async (body) => {
      const reply = await running.engine.call({
        operation: 'chat',
        body: Buffer.from(JSON.stringify(body)),
        stream: false,
        headers: {},
        signal: new AbortController().signal,
      });
      for await (const chunk of reply.body) void chunk;
    },
    cached: (body) => running.engine.cachedTokensOf('chat', Buffer.from(JSON.stringify(body))),
    sent: () => running.sent(),
    loseNext: (messages) => running.loseNext(messages),
    restart: async () => {
      await running.close();
      running = await startAgain(() => start(options, { ...addresses, seed: 2 }));
    },
    close: async () => {
      await front.close();
      await running.close();
    },
  };
}

/** The system may have lent a port that was free for a moment to somebody's connection. */
async function startAgain<T>(begin: () => Promise<T>): Promise<T> {
  const endMs = clock.monotonicMs() + 20_000;
  for (;;) {
    try {
      return await begin();
    } catch (error) {
      const { code } = error as { code?: unknown };
      if ((code !== 'EADDRINUSE' && code !== 'port_in_use') || clock.monotonicMs() > endMs) throw error;
      await clock.sleep(20);
    }
  }
}

/** What clients see of the twin, with the faults that were asked for. */
async function openFront(options: ServedTwinOptions, url: string): Promise<{ readonly port: number; close(): Promise<void> }> {
  const answer = async (path: string, init: RequestInit): Promise<{ status: number; text: string }> => {
    if (path === '/tokenize' && options.tokenizes === false) return { status: 404, text: '{}' };
    const reply = await fetch(url + path, init);
    const text = await reply.text();
    if (path === '/tokenize' && options.otherTokens === true) return { status: 200, text: text.replace('"tokens":[', '"tokens":[1,') };
    if (path === '/metrics' && options.metricsBlockSize !== undefined)
      return { status: 200, text: text.replace(/block_size="\d+"/, `block_size="${options.metricsBlockSize}"`) };
    return { status: reply.status, text };
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = 'GET', url: path = '/' } = request;
      answer(path, { method, ...(method === 'POST' ? { body: Buffer.concat(chunks) } : {}) })
        .then(({ status, text }) => response.writeHead(status, { 'content-type': 'application/json' }).end(text))
        .catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function start(options: ServedTwinOptions, at: { http: number; publish: string; replay: string; seed: number }) {
  let publisher: KvEventPublisher | undefined;
  let lost = 0;
  let sent = -1;
  const log = createKvEventLog({
    blockSize: BLOCK_SIZE,
    nowMs: () => clock.nowMs() + clock.monotonicMs() / 1e6,
    seed: at.seed * 0x1234567,
    ...(options.extraKeys === undefined ? {} : { extraKeys: options.extraKeys }),
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
    onPending: () =>
      queueMicrotask(() => {
        sent += 1;
        if (lost > 0) publisher?.lose();
        else publisher?.publish();
        lost -= 1;
      }),
  });
  publisher = await openKvEventPublisher({ log, publish: at.publish, replay: at.replay });
  const model = {
    apiVersion: 'maru.dev/v1alpha1',
    kind: 'Model',
    metadata: { name: 'twin-model' },
    spec: {
      serving: {
        engine: 'twin',
        servedName: options.servedName ?? 'twin-model',
        replicas: 1,
        prefixCaching: options.prefixCaching ?? true,
        twin: { profile: 'h100-llama-3.1-8b', kvBlocks: options.kvBlocks, blockSize: BLOCK_SIZE, maxNumSeqs: 256, maxBatchedTokens: 8192, speed: 100, mechanisms: options.mechanisms },
      },
      capabilities: ['chat'],
      timeout: '300s',
    },
  } as unknown as Model;
  const engine = createTwinEngine({ model, replica: 0, clock, ids, kvEvents: options.events === false ? undefined : () => log });
  const server = await createTwinServer({ engine, port: at.http }).catch(async (error: unknown) => {
    await publisher?.close();
    throw error;
  });
  return {
    engine,
    server,
    publisher,
    sent: () => sent,
    loseNext: (messages: number) => {
      lost = messages;
    },
    close: async () => {
      await server.close();
      await publisher?.close();
    },
  };
}

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));
