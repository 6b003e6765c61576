import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PlatformError } from '@maru/api/errors';
import { clientSignal, readBody, sendError, sendJson } from '#http';
import type { EngineOperation } from '../engine.ts';
import type { TwinEngine } from './twin-engine.ts';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

export interface TwinServerOptions {
  readonly engine: TwinEngine;
  /** 0 takes any free port. */
  readonly port: number;
  /** `127.0.0.1` where absent. */
  readonly host?: string;
}

export interface TwinServer {
  readonly url: string;
  readonly port: number;
  /** Cuts open connections and closes the engine. */
  close(): Promise<void>;
}

/** Serves a twin over HTTP with the paths of vLLM; throws `port_in_use`. */
export async function createTwinServer(options: TwinServerOptions): Promise<TwinServer> {
  const { engine } = options;
  const host = options.host ?? '127.0.0.1';
  const server = createServer((request, response) => {
    handle(engine, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendError(response, error);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new PlatformError('port_in_use', { message: `can not listen on ${host}:${options.port}: ${cause.message}`, cause })),
    );
    server.listen(options.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${host}:${port}`,
    close: async () => {
      await engine.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function handle(engine: TwinEngine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0];
  switch (`${request.method} ${path}`) {
    case 'GET /health':
      return void response.writeHead(200).end();
    case 'GET /metrics':
      return void response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(engine.metrics());
    case 'GET /v1/models':
      return sendJson(response, 200, { object: 'list', data: [modelCard(engine)] });
    case 'POST /v1/chat/completions':
      return await answer(engine, 'chat', { request, response });
    case 'POST /v1/completions':
      return await answer(engine, 'completions', { request, response });
    default:
      throw new PlatformError('not_found', { message: `the engine twin has no ${request.method} ${path}` });
  }
}

const modelCard = (engine: TwinEngine): object => ({
  id: engine.servedName,
  object: 'model',
  created: 0,
  owned_by: 'maru-twin',
  max_model_len: engine.maxModelLen,
  simulated: true,
  profile: engine.profile.name,
});

async function answer(engine: TwinEngine, operation: EngineOperation, exchange: { request: IncomingMessage; response: ServerResponse }): Promise<void> {
  const { request, response } = exchange;
  const signal = clientSignal(request, response);
  const body = await readBody(request, MAX_BODY_BYTES);
  const reply = await engine.call({ operation, body, stream: false, headers: {}, signal });
  response.writeHead(reply.status, { ...reply.headers });
  for await (const chunk of reply.body) response.write(chunk);
  response.end();
}
