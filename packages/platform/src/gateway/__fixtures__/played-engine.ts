import type { Engine, EngineReply, EngineRequest, PassRequest } from '#engines';
import type { WireFormat } from '#formats';

/** What an engine in a test answers: JSON, or pieces of a stream. */
export interface Play {
  readonly status?: number;
  readonly type?: string;
  readonly json?: unknown;
  readonly chunks?: readonly (string | Uint8Array)[];
  /** Thrown after the last chunk. */
  readonly fault?: Error;
  /** Never ends. */
  readonly hangs?: boolean;
}

export interface PlayedEngine extends Engine {
  readonly calls: EngineRequest[];
  readonly passed: { readonly request: PassRequest; readonly body: Buffer }[];
  /** Calls whose signal has fired. */
  aborted(): number;
}

export interface PlayedOptions {
  readonly speaks?: readonly WireFormat[];
  readonly play?: Play;
  /** Answers of `pass`; the engine passes nothing where absent. */
  readonly pass?: Play;
  readonly endpoint?: string;
}

/** An engine in memory that answers as it is told and remembers what it was asked. */
export function createPlayedEngine(options: PlayedOptions): PlayedEngine {
  const calls: EngineRequest[] = [];
  const passed: { request: PassRequest; body: Buffer }[] = [];
  let aborted = 0;
  const { pass } = options;
  const watch = (signal: AbortSignal): void => signal.addEventListener('abort', () => (aborted += 1), { once: true });
  return {
    endpoint: options.endpoint ?? 'played-0',
    model: 'played',
    provider: 'played',
    servedName: 'served-name',
    simulated: false,
    ...(options.speaks === undefined ? {} : { speaks: options.speaks }),
    calls,
    passed,
    aborted: () => aborted,
    call: async (request) => {
      calls.push(request);
      watch(request.signal);
      return replyOf(options.play ?? { json: {} }, request.signal);
    },
    ...(pass === undefined
      ? {}
      : {
          pass: async (request: PassRequest) => {
            watch(request.signal);
            const pieces: Uint8Array[] = [];
            if (request.body instanceof Uint8Array) pieces.push(request.body);
            else for await (const piece of request.body) pieces.push(piece);
            passed.push({ request, body: Buffer.concat(pieces) });
            return replyOf(pass, request.signal);
          },
        }),
    load: () => ({ running: 0, waiting: 0 }),
    close: () => Promise.resolve(),
  };
}

function replyOf(play: Play, signal: AbortSignal): EngineReply {
  const type = play.type ?? (play.chunks === undefined ? 'application/json' : 'text/event-stream');
  return { status: play.status ?? 200, headers: { 'content-type': type }, body: bodyOf(play, signal) };
}

async function* bodyOf(play: Play, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  if (play.json !== undefined) yield Buffer.from(JSON.stringify(play.json));
  for (const chunk of play.chunks ?? []) yield Buffer.from(chunk);
  if (play.fault !== undefined) throw play.fault;
  if (play.hangs === true) await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
}
