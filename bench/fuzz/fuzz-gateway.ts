import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Engine, EngineReply } from '../../packages/platform/src/engines/index.ts';
import { createGateway, type Gateway } from '../../packages/platform/src/gateway/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createSeededIds, createSystemClock } from '../../packages/platform/src/time/index.ts';

/** A gateway over ports in memory that counts what it holds and what it charges. */
export interface FuzzGateway {
  readonly gateway: Gateway;
  /** What the engine answers next: the pieces of a stream, or JSON. */
  play(chunks: readonly Uint8Array[], type: string): void;
  /** Reservations that were neither settled nor released, or were twice. */
  unbalanced(): number;
  /** Sends an upload to the gateway over a socket; returns the status. */
  upload(body: Buffer, contentType: string): Promise<number>;
  close(): Promise<void>;
}

export async function createFuzzGateway(): Promise<FuzzGateway> {
  let chunks: readonly Uint8Array[] = [];
  let type = 'application/json';
  let open = 0;
  async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* chunks;
  }
  const reply = (): EngineReply => ({ status: 200, headers: { 'content-type': type }, body: body() });
  const engine: Engine = {
    endpoint: 'fuzz-0',
    model: 'fuzz',
    provider: 'fuzz',
    servedName: 'fuzz',
    simulated: true,
    call: async () => reply(),
    pass: async (request) => {
      if (!(request.body instanceof Uint8Array)) for await (const piece of request.body) void piece;
      return { status: 200, headers: { 'content-type': 'application/json' }, body: once() };
    },
    load: () => ({ running: 0, waiting: 0 }),
    close: () => Promise.resolve(),
  };
  async function* once(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.from('{"text":"x"}');
  }
  const entry = (name: string) => ({ name, kind: 'model' as const, simulated: true, ownedBy: 'fuzz', createdMs: 0 });
  const entries = [entry('auto'), entry('listener')];
  const gateway = createGateway(
    {
      authenticator: { authenticate: () => ({ tenant: 'fuzz', keyId: 'fuzz' }) },
      catalogue: { list: () => entries, find: (name) => entries.find((each) => each.name === name) },
      placement: {
        plan: () => {
          let left = 1;
          return {
            next: () => {
              left -= 1;
              return left < 0 ? undefined : { engine, model: 'fuzz', reason: 'the only one' };
            },
          };
        },
        observe: () => undefined,
      },
      admission: {
        admit: () => {
          open += 1;
          return {};
        },
        settle: () => {
          open -= 1;
          return { costNanoUsd: 1 };
        },
        release: () => {
          open -= 1;
        },
      },
      tracer: { record: () => undefined },
    },
    { clock: createSystemClock(), ids: createSeededIds(1), log: silentLog, captureContent: true },
  );
  const server = createServer((request, response) => void gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    gateway,
    play: (next, nextType) => {
      chunks = next;
      type = nextType;
    },
    unbalanced: () => open,
    upload: (bytes, contentType) =>
      new Promise((resolve, reject) => {
        const headers = { authorization: 'Bearer sk-fuzz', 'content-type': contentType, 'content-length': bytes.length };
        const client = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/v1/audio/transcriptions', headers }, (answer) => {
          answer.resume();
          answer.on('end', () => resolve(answer.statusCode ?? 0));
        });
        client.on('error', reject);
        client.end(bytes);
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
