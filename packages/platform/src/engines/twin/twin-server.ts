import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PlatformError } from '@maru/api/errors';
import { clientSignal, readBody, sendError, sendJson } from '#http';
import type { Clock } from '#time';
import type { EngineOperation } from '../engine.ts';
import type { TwinEngine } from './twin-engine.ts';
import { FAULT_HEADER, KV_TRANSFER_FAULT, parseTwinFault, type TwinFault } from './twin-fault.ts';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

export interface TwinServerOptions {
  readonly engine: TwinEngine;
  /** 0 takes any free port. */
  readonly port: number;
  /** `127.0.0.1` where absent. */
  readonly host?: string;
  /** Lets requests fail on purpose, by the header {@link FAULT_HEADER}, with this clock; the header has no effect where absent. */
  readonly faults?: Clock;
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
  const down = { untilMs: Number.NEGATIVE_INFINITY };
  const server = createServer((request, response) => {
    const fault = options.faults === undefined ? undefined : { clock: options.faults, crash };
    if (options.faults !== undefined && options.faults.monotonicMs() < down.untilMs) return void request.destroy();
    handle(engine, { request, response, fault }).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendError(response, error);
    });
  });
  function crash(downMs: number): void {
    down.untilMs = (options.faults?.monotonicMs() ?? 0) + downMs;
    server.closeAllConnections();
  }
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

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly fault: { readonly clock: Clock; readonly crash: (downMs: number) => void } | undefined;
}

async function handle(engine: TwinEngine, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const path = (request.url ?? '/').split('?', 1)[0];
  switch (`${request.method} ${path}`) {
    case 'GET /health':
      return void response.writeHead(200).end();
    case 'GET /metrics':
      return void response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(engine.metrics());
    case 'GET /v1/models':
      return sendJson(response, 200, { object: 'list', data: [modelCard(engine)] });
    case 'POST /tokenize': {
      const tokens = engine.tokenize(await readBody(request, MAX_BODY_BYTES));
      return sendJson(response, 200, { count: tokens.length, max_model_len: engine.maxModelLen, tokens });
    }
    case 'POST /v1/chat/completions':
      return await answer(engine, 'chat', exchange);
    case 'POST /v1/completions':
      return await answer(engine, 'completions', exchange);
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

async function answer(engine: TwinEngine, operation: EngineOperation, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const signal = clientSignal(request, response);
  const body = await readBody(request, MAX_BODY_BYTES);
  const fault = await failOnPurpose(exchange, signal);
  if (fault?.kind === 'status' || fault?.kind === 'hang' || fault?.kind === 'crash') return;
  const headers = fault?.kind === KV_TRANSFER_FAULT ? { [FAULT_HEADER]: KV_TRANSFER_FAULT } : {};
  const reply = await engine.call({ operation, body, stream: false, headers, signal });
  response.writeHead(reply.status, { ...reply.headers });
  let parts = fault?.kind === 'cut' ? fault.parts : Number.POSITIVE_INFINITY;
  for await (const chunk of reply.body) {
    if (parts <= 0) return void response.destroy();
    response.write(chunk);
    parts -= 1;
  }
  response.end();
}

/** Does what the header asks for, as far as it comes before the answer. */
async function failOnPurpose({ request, response, fault }: Exchange, signal: AbortSignal): Promise<TwinFault | undefined> {
  const text = request.headers[FAULT_HEADER];
  if (fault === undefined || typeof text !== 'string') return undefined;
  const wanted = parseTwinFault(text);
  if (wanted.kind === 'status') sendJson(response, wanted.status, { error: { message: 'this fault was asked for', type: 'fault', code: wanted.status } });
  if (wanted.kind === 'crash') fault.crash(wanted.downMs);
  if (wanted.kind === 'slow') await fault.clock.sleep(wanted.delayMs, signal);
  if (wanted.kind === 'hang' && !signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  return wanted;
}
