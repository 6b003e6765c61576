import type { IncomingMessage, ServerResponse } from 'node:http';
import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { clientSignal, parseJson, readBody, sendJson } from '#http';
import type { Clock } from '#time';
import type { EngineOperation } from '../engine.ts';
import type { ServerState } from './faults/server-state.ts';
import { FAULT_HEADER, KV_TRANSFER_FAULT, parseTwinFault, type TwinFault } from './faults/twin-fault.ts';
import { RANK_HEADER } from './ranks/choose-rank.ts';
import type { TwinEngine } from './twin-engine.ts';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** One request to the server of a twin. */
export interface TwinExchange {
  readonly engine: TwinEngine;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Of a server that may fail on purpose. */
  readonly state: ServerState | undefined;
  /** Where requests may say by a header that they want to fail. */
  readonly faultClock: Clock | undefined;
}

/** Answers one request on the paths of vLLM; throws what is to be told as an error. */
export async function handleTwinRequest(exchange: TwinExchange): Promise<void> {
  const { engine, request, response } = exchange;
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://twin');
  const dead = exchange.state?.deadOf();
  switch (`${request.method} ${pathname}`) {
    case 'GET /health':
      return void response.writeHead(engine.ready() && dead === undefined ? 200 : 503).end();
    case 'GET /metrics':
    // Where `trtllm-serve` has them.
    case 'GET /prometheus/metrics':
      return void response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(engine.metrics());
    case 'GET /v1/models':
      return sendJson(response, 200, { object: 'list', data: modelCards(engine) });
    case 'GET /is_sleeping':
      return sendJson(response, 200, { is_sleeping: engine.sleep.level > 0 });
    case 'POST /sleep':
      engine.sleep.begin(levelOf(searchParams.get('level')));
      return void response.writeHead(200).end();
    case 'POST /wake_up':
      await engine.sleep.end();
      return void response.writeHead(200).end();
    case 'POST /v1/load_lora_adapter':
      engine.adapters.load(await adapterName(request));
      return void response.writeHead(200).end();
    case 'POST /v1/unload_lora_adapter':
      engine.adapters.unload(await adapterName(request));
      return void response.writeHead(200).end();
    case 'POST /tokenize': {
      const tokens = engine.tokenize(await readBody(request, MAX_BODY_BYTES));
      return sendJson(response, 200, { count: tokens.length, max_model_len: engine.maxModelLen, tokens });
    }
    case 'POST /v1/chat/completions':
      return await answer('chat', exchange);
    case 'POST /v1/completions':
      return await answer('completions', exchange);
    default:
      throw new PlatformError('not_found', { message: `the engine twin has no ${request.method} ${pathname}` });
  }
}

/** The base model, and each LoRA adapter under it. */
function modelCards(engine: TwinEngine): readonly object[] {
  const card = { object: 'model', created: 0, owned_by: 'maru-twin', max_model_len: engine.maxModelLen, simulated: true, profile: engine.profile.name };
  return [{ ...card, id: engine.servedName }, ...engine.adapters.list().map((id) => ({ ...card, id, parent: engine.servedName }))];
}

function levelOf(text: string | null): 1 | 2 {
  const level = text ?? '1';
  if (level === '1' || level === '2') return Number(level) as 1 | 2;
  throw new PlatformError('invalid_request', { message: `the level of sleep is 1 or 2, not "${level.slice(0, 32)}"`, details: { param: 'level' } });
}

const adapterSchema = z.looseObject({ lora_name: z.string().min(1).max(256) });

async function adapterName(request: IncomingMessage): Promise<string> {
  const found = adapterSchema.safeParse(parseJson(await readBody(request, MAX_BODY_BYTES)));
  if (found.success) return found.data.lora_name;
  throw new PlatformError('invalid_request', { message: '"lora_name" must be the name of a LoRA adapter', details: { param: 'lora_name' } });
}

async function answer(operation: EngineOperation, exchange: TwinExchange): Promise<void> {
  const { engine, request, response, state } = exchange;
  const signal = clientSignal(request, response);
  const body = await readBody(request, MAX_BODY_BYTES);
  const dead = state?.deadOf();
  if (dead !== undefined) return sendJson(response, 500, { error: { message: dead, type: 'EngineDeadError', code: 500 } });
  const fault = await failOnPurpose(exchange, signal);
  if (fault?.kind === 'status' || fault?.kind === 'hang' || fault?.kind === 'crash') return;
  const rank = request.headers[RANK_HEADER];
  const headers = {
    ...(fault?.kind === KV_TRANSFER_FAULT ? { [FAULT_HEADER]: KV_TRANSFER_FAULT } : {}),
    ...(typeof rank === 'string' ? { [RANK_HEADER]: rank } : {}),
  };
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
async function failOnPurpose({ request, response, state, faultClock }: TwinExchange, signal: AbortSignal): Promise<TwinFault | undefined> {
  const text = request.headers[FAULT_HEADER];
  if (faultClock === undefined || typeof text !== 'string') return undefined;
  const wanted = parseTwinFault(text);
  if (wanted.kind === 'status') sendJson(response, wanted.status, { error: { message: 'this fault was asked for', type: 'fault', code: wanted.status } });
  if (wanted.kind === 'crash') state?.crash(wanted.downMs);
  if (wanted.kind === 'slow') await faultClock.sleep(wanted.delayMs, signal);
  if (wanted.kind === 'hang' && !signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  return wanted;
}
