import { PlatformError } from '@maru/api/errors';
import type { Engine, EngineReply, EngineRequest } from '#engines';

/** How a scripted engine behaves. */
export const BEHAVIOURS = ['ok', 'no-usage', 'unreachable', 'status-500', 'status-400', 'garbage', 'cut-before', 'cut-after', 'error-event', 'deaf'] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

const event = (value: object): Buffer => Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
const role = event({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] });
const stop = event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
const usage = event({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 } });
const DONE = Buffer.from('data: [DONE]\n\n');
const cut = (): PlatformError => new PlatformError('upstream_cut', { message: 'cut' });

/** An engine in memory that does what its script says; its text is its own name, so that a test sees who answered. */
export function createScriptedEngine(endpoint: string, behaviour: Behaviour): Engine {
  const token = event({ choices: [{ index: 0, delta: { content: endpoint }, finish_reason: null }] });

  async function* stream(): AsyncGenerator<Uint8Array, void, undefined> {
    yield role;
    if (behaviour === 'cut-before') throw cut();
    if (behaviour === 'garbage') yield Buffer.from('data: <html>\n\n');
    if (behaviour === 'error-event') yield event({ error: { message: 'out of memory' } });
    yield token;
    if (behaviour === 'cut-after') throw cut();
    yield Buffer.concat([token, stop, ...(behaviour === 'no-usage' ? [] : [usage])]);
    yield DONE;
  }

  async function* whole(): AsyncGenerator<Uint8Array, void, undefined> {
    if (behaviour === 'garbage') yield Buffer.from('<html>');
    yield Buffer.from('{"choices":[{"index":0,"message":{"role":"assistant","content":');
    if (behaviour === 'cut-before' || behaviour === 'cut-after' || behaviour === 'error-event') throw cut();
    yield Buffer.from(`"${endpoint}"},"finish_reason":"stop"}]`);
    yield Buffer.from(behaviour === 'no-usage' ? '}' : ',"usage":{"prompt_tokens":10,"completion_tokens":2}}');
  }

  async function* refusal(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.from('{"error":{"message":"no"}}');
  }

  const call = async (request: EngineRequest): Promise<EngineReply> => {
    if (behaviour === 'unreachable') throw new PlatformError('upstream_unreachable', { message: 'nobody is there' });
    if (behaviour === 'deaf') return new Promise(() => undefined);
    const json = { 'content-type': 'application/json' };
    if (behaviour === 'status-500' || behaviour === 'status-400') return { status: Number(behaviour.slice(7)), headers: json, body: refusal() };
    return request.stream ? { status: 200, headers: { 'content-type': 'text/event-stream' }, body: stream() } : { status: 200, headers: json, body: whole() };
  };

  return {
    endpoint,
    model: endpoint,
    provider: 'scripted',
    servedName: 'scripted',
    simulated: true,
    call,
    load: () => ({ running: 0, waiting: 0 }),
    close: () => Promise.resolve(),
  };
}
