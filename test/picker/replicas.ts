import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { modelKind } from '../../packages/api/src/resources/index.ts';
import { createTwinEngine, createTwinServer } from '../../packages/platform/src/engines/index.ts';
import { createIds, createSystemClock } from '../../packages/platform/src/time/index.ts';

/** A replica on loopback. */
export interface Replica {
  /** `ip:port`. */
  readonly address: string;
  close(): Promise<unknown>;
}

export const MODEL = 'sim';

/** An engine twin that answers a thousand times as fast as a real one. */
export async function startTwin(replica: number): Promise<Replica> {
  const clock = createSystemClock();
  const model = modelKind.schema.parse({
    apiVersion: 'maru.dev/v1alpha1',
    kind: 'Model',
    metadata: { name: MODEL },
    spec: { serving: { engine: 'twin', twin: { profile: 'h100-llama-3.1-8b', speed: 1000 } } },
  });
  const server = await createTwinServer({ engine: createTwinEngine({ model, replica, clock, ids: createIds(() => clock.nowMs()) }), port: 0 });
  return { address: `127.0.0.1:${server.port}`, close: server.close };
}

/** What a mirror has received. */
export interface Mirrored {
  readonly sha256: string;
  readonly bytes: number;
  readonly method: string;
  readonly address: string;
  /** The header of the picker. */
  readonly destination: string | undefined;
}

/** A server that answers what it has received, and looks like an engine to who asks for its models and metrics. */
export function startMirror(): Promise<Replica> {
  const server = createServer((request, response) => {
    if (request.url === '/v1/models') return void response.end(JSON.stringify({ object: 'list', data: [{ id: MODEL, object: 'model' }] }));
    if (request.url === '/metrics') return void response.end('vllm:num_requests_running 0\nvllm:num_requests_waiting 0\n');
    const hash = createHash('sha256');
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      hash.update(chunk);
    });
    request.on('end', () => {
      const { port } = server.address() as AddressInfo;
      const destination = request.headers['x-gateway-destination-endpoint'];
      const seen: Mirrored = {
        ...{ sha256: hash.digest('hex'), bytes, method: request.method ?? '', address: `127.0.0.1:${port}` },
        destination: typeof destination === 'string' ? destination : undefined,
      };
      response.setHeader('content-type', 'application/json');
      // As long an answer as the client asks for, to try large ones too.
      response.end(JSON.stringify({ ...seen, filler: 'z'.repeat(Number(request.headers['x-test-answer-bytes'] ?? 0)) }));
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        address: `127.0.0.1:${port}`,
        close: () => {
          server.closeAllConnections();
          return new Promise((done) => server.close(done));
        },
      });
    });
  });
}
