import { PlatformError } from '@maru/api/errors';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import type { Engine, EngineReply, EngineRequest } from '../engine.ts';
import { type HandOverOptions, handOver, type PrefillLeg } from './hand-over.ts';

const PARAMS = {
  do_remote_prefill: true,
  remote_engine_id: 'p',
  remote_block_ids: [1, 2],
  remote_host: 'h',
  remote_port: 5600,
  of: 'this version of vLLM only',
};
const usage = (cached: number): object => ({ prompt_tokens: 100, completion_tokens: 1, prompt_tokens_details: { cached_tokens: cached } });

const reply = (value: unknown, status = 200): EngineReply => ({ status, headers: { 'content-type': 'application/json' }, body: parts(JSON.stringify(value)) });

async function* parts(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

/** An engine that answers what it is told, and remembers what it was asked. */
function engine(endpoint: string, answer: (body: Record<string, unknown>, request: EngineRequest) => EngineReply | Promise<EngineReply>) {
  const bodies: Record<string, unknown>[] = [];
  const made: Engine = {
    endpoint,
    model: 'm',
    provider: 'vllm',
    servedName: 'm',
    simulated: false,
    call: async (request) => {
      const body = JSON.parse(Buffer.from(request.body).toString()) as Record<string, unknown>;
      bodies.push(body);
      return answer(body, request);
    },
    load: () => ({ running: 0, waiting: 0 }),
    close: () => Promise.resolve(),
  };
  return { engine: made, bodies };
}

const PREFILL_OK = (): EngineReply => reply({ usage: usage(32), kv_transfer_params: PARAMS });
const DECODE_OK = (): EngineReply => reply({ choices: [{ message: { content: 'hello' } }], usage: usage(99) });

function setUp(answers: { prefill?: Parameters<typeof engine>[1]; decode?: Parameters<typeof engine>[1] } = {}) {
  const clock = createFakeClock();
  const prefill = engine('p-0', answers.prefill ?? PREFILL_OK);
  const decode = engine('d-0', answers.decode ?? DECODE_OK);
  const legs: PrefillLeg[] = [];
  const options: HandOverOptions = { decode: decode.engine, prefill: { engine: prefill.engine, timeoutMs: 5000, onLeg: (leg) => legs.push(leg) }, clock };
  return { clock, prefill, decode, legs, whole: handOver(options), alone: handOver({ decode: decode.engine, clock }) };
}

const request = (body: object, signal = new AbortController().signal): EngineRequest => ({
  operation: 'chat',
  body: Buffer.from(JSON.stringify(body)),
  stream: false,
  headers: { 'x-request-id': 'r1' },
  signal,
});

const CHAT = { messages: [{ role: 'user', content: 'hi' }], max_tokens: 50, temperature: 0.5, stream: true, stream_options: { include_usage: true } };

async function textOf({ body }: EngineReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('hand-over', () => {
  it('asks the prefill engine for the prompt alone, and points the decode engine to its blocks', async () => {
    const { whole, prefill, decode, legs } = setUp();

    await textOf(await whole.call(request(CHAT)));

    expect(prefill.bodies).toEqual([
      {
        messages: CHAT.messages,
        temperature: 0.5,
        max_tokens: 1,
        max_completion_tokens: 1,
        stream: false,
        kv_transfer_params: {
          do_remote_decode: true,
          do_remote_prefill: false,
          remote_engine_id: null,
          remote_block_ids: null,
          remote_host: null,
          remote_port: null,
        },
      },
    ]);
    expect(decode.bodies).toEqual([{ ...CHAT, kv_transfer_params: PARAMS }]);
    expect(legs).toMatchObject([{ endpoint: 'p-0', outcome: 'ok', computed: { cachedTokens: 32, promptTokens: 100 } }]);
  });

  it('asks for a completion without the limit of chats', async () => {
    const { whole, prefill } = setUp();

    await whole.call({ ...request({ prompt: 'hi' }), operation: 'completions' });

    expect(prefill.bodies[0]).toMatchObject({ prompt: 'hi', max_tokens: 1 });
    expect(prefill.bodies[0]).not.toHaveProperty('max_completion_tokens');
  });

  it('says of cached tokens what the prefill engine found, so that no computed token is charged as a cached one', async () => {
    const { whole } = setUp();

    expect(JSON.parse(await textOf(await whole.call(request(CHAT))))).toMatchObject({ usage: { prompt_tokens_details: { cached_tokens: 32 } } });
  });

  it('says so in streams too, wherever they are cut, and changes nothing else of them', async () => {
    const said = 'data: {"choices":[{"delta":{"content":"\\"cached_tokens\\": 7"}}]}\n\n';
    const last = 'data: {"choices":[],"usage":{"prompt_tokens_details":{"cached_tokens": 99}}}\n\ndata: [DONE]\n\n';
    for (let cut = 1; cut < last.length; cut += 7) {
      const { whole } = setUp({ decode: () => ({ status: 200, headers: {}, body: parts(said, last.slice(0, cut), last.slice(cut)) }) });

      expect(await textOf(await whole.call(request(CHAT)))).toBe(said + last.replace('99', '32'));
    }
  });

  it('passes each event on as it comes', async () => {
    const { whole } = setUp({ decode: () => ({ status: 200, headers: {}, body: parts('data: 1\n\n', 'data: 2\n\n') }) });
    const events = (await whole.call(request(CHAT))).body[Symbol.asyncIterator]();

    expect(Buffer.from((await events.next()).value as Uint8Array).toString()).toBe('data: 1\n\n');
  });

  it.each<[string, Parameters<typeof engine>[1], string]>([
    ['an error status', () => reply({ error: 'full' }, 503), 'upstream_rejected'],
    ['a text that is no JSON', () => ({ status: 200, headers: {}, body: parts('<html>') }), 'upstream_garbage'],
    ['an answer without blocks', () => reply({ usage: usage(0) }), 'upstream_garbage'],
    ['an answer whose blocks are null', () => reply({ kv_transfer_params: null }), 'upstream_garbage'],
    ['no connection', () => Promise.reject(new PlatformError('upstream_unreachable', { message: 'refused' })), 'upstream_unreachable'],
    ['an unknown failure', () => Promise.reject(new TypeError('?')), 'upstream_unreachable'],
    ['an answer without end', () => ({ status: 200, headers: {}, body: endless() }), 'upstream_garbage'],
  ])('computes the prompt in place when the prefill engine gives %s', async (_what, answer, code) => {
    const { whole, decode, legs } = setUp({ prefill: answer });

    expect(await textOf(await whole.call(request(CHAT)))).toContain('hello');
    expect(decode.bodies).toEqual([CHAT]);
    expect(legs).toMatchObject([{ outcome: 'error', error: { code } }]);
  });

  it('gives a prefill engine up that is silent, and tells it to stop', async () => {
    let stopped = false;
    const { whole, clock, decode, legs } = setUp({
      prefill: (_body, { signal }) =>
        new Promise(() =>
          signal.addEventListener('abort', () => {
            stopped = true;
          }),
        ),
    });
    const answer = whole.call(request(CHAT));
    await clock.advance(5000);

    expect(await textOf(await answer)).toContain('hello');
    expect(stopped).toBe(true);
    expect(decode.bodies).toEqual([CHAT]);
    expect(legs).toMatchObject([{ outcome: 'error', error: { code: 'upstream_timeout' } }]);
  });

  it('ends both legs when the client goes: the prefill is stopped and the decode engine is not asked', async () => {
    const client = new AbortController();
    let heard: unknown;
    const { whole, decode, legs } = setUp({
      prefill: (_body, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            heard = signal.reason;
            reject(signal.reason as Error);
          }),
        ),
    });
    const reason = new PlatformError('cancelled', { message: 'gone' });
    const answer = whole.call(request(CHAT, client.signal));
    client.abort(reason);

    await expect(answer).rejects.toBe(reason);
    expect(heard).toBe(reason);
    expect(decode.bodies).toEqual([]);
    expect(legs).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('begins nothing for a client that has gone already', async () => {
    const { whole, prefill } = setUp();

    await expect(whole.call(request(CHAT, AbortSignal.abort(new PlatformError('cancelled', { message: 'gone' }))))).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(prefill.bodies).toEqual([]);
  });

  it('lets the decode engine compute the prompt when it fails with the blocks of another', async () => {
    const { whole, decode } = setUp({ decode: (body) => ('kv_transfer_params' in body ? reply({ error: 'NIXL' }, 500) : DECODE_OK()) });

    expect(JSON.parse(await textOf(await whole.call(request(CHAT))))).toMatchObject({ usage: { prompt_tokens_details: { cached_tokens: 99 } } });
    expect(decode.bodies).toHaveLength(2);
  });

  it('passes a refusal of the decode engine on', async () => {
    const { whole, decode } = setUp({ decode: () => reply({ error: 'bad' }, 400) });

    expect((await whole.call(request(CHAT))).status).toBe(400);
    expect(decode.bodies).toHaveLength(1);
  });

  it('hands nothing over for several answers to one prompt', async () => {
    const { whole, prefill, decode, legs } = setUp();

    await whole.call(request({ ...CHAT, n: 2 }));

    expect(prefill.bodies).toEqual([]);
    expect(decode.bodies).toEqual([{ ...CHAT, n: 2 }]);
    expect(legs).toMatchObject([{ outcome: 'cancelled', error: { code: 'not_supported' } }]);
  });

  it('never lets a client name the blocks of somebody else', async () => {
    const theirs = { ...CHAT, kv_transfer_params: { do_remote_prefill: true, remote_engine_id: 'p', remote_block_ids: [7] } };
    const { alone, whole, decode } = setUp({ prefill: () => reply({}, 500) });

    await alone.call(request(theirs));
    await whole.call(request(theirs));

    expect(decode.bodies).toEqual([CHAT, CHAT]);
  });

  it('leaves a body alone that only speaks of the field', async () => {
    const body = { messages: [{ role: 'user', content: 'what is kv_transfer_params?' }] };
    const { alone, decode } = setUp();

    await alone.call(request(body));

    expect(decode.bodies).toEqual([body]);
  });

  it('asks for the format of OpenAI, which carries the transfer', () => {
    expect(setUp().whole.speaks).toEqual(['openai-chat']);
  });
});

async function* endless(): AsyncGenerator<Uint8Array> {
  const block = Buffer.alloc(1024 * 1024, 'x');
  for (;;) yield block;
}
