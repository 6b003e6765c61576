import { isPlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { SseParser } from '#http';
import { type Bench, type BenchOptions, createScriptedModel, endless, inTurn, makeAgent, openBench, type Script, until } from './__fixtures__/test-kit.ts';
import { AGENT_HEADERS, type AgentEngine, type AgentEngineReply, createAgentEngine } from './agent-engine.ts';

let bench: Bench;
afterEach(() => bench.close());

const KNOWLEDGE = { tools: [{ type: 'knowledge', knowledgeBase: 'handbook' }] };
const search = { calls: [{ name: 'search-knowledge', args: { query: 'budget' } }] };
const ANSWER = 'A budget is a cap [limits.md § Budgets].';

async function open(script: Script, spec: Record<string, unknown> = KNOWLEDGE, options: Omit<BenchOptions, 'model'> = {}): Promise<AgentEngine> {
  bench = await openBench({ model: createScriptedModel(script), ...options });
  return createAgentEngine(makeAgent(spec), { agents: bench.agents, nowMs: () => bench.clock.nowMs() });
}

interface CallOptions {
  readonly stream?: boolean;
  readonly signal?: AbortSignal;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

const call = (engine: AgentEngine, options: CallOptions = {}): Promise<AgentEngineReply> =>
  engine.call({
    operation: 'chat',
    body: Buffer.from(
      JSON.stringify(
        options.body ?? { model: 'agent/guide', messages: [{ role: 'user', content: 'What is a budget?' }], stream_options: { include_usage: true } },
      ),
    ),
    stream: options.stream ?? false,
    headers: options.headers ?? {},
    signal: options.signal ?? new AbortController().signal,
  });

async function readText(reply: AgentEngineReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

interface Chunk {
  readonly choices?: { delta: { content?: string; role?: string; sources?: unknown[] }; finish_reason: string | null }[];
  readonly usage?: { total_tokens: number };
  readonly error?: { code: string; message: string };
}

async function readChunks(reply: AgentEngineReply): Promise<{ chunks: Chunk[]; done: boolean; text: string }> {
  const data = new SseParser().push(Buffer.from(await readText(reply))).map((event) => event.data);
  const chunks = data.filter((line) => line !== '[DONE]').map((line) => JSON.parse(line) as Chunk);
  const text = chunks.map((chunk) => chunk.choices?.[0]?.delta.content ?? '').join('');
  return { chunks, done: data.at(-1) === '[DONE]', text };
}

describe('an agent as a model', () => {
  it('answers like a chat completion, with its sources and its tokens', async () => {
    const engine = await open(inTurn(search, ANSWER));

    const reply = await call(engine);

    expect(reply.status).toBe(200);
    expect(JSON.parse(await readText(reply))).toEqual({
      id: expect.stringMatching(/^chatcmpl-run_/),
      object: 'chat.completion',
      created: 1_800_000_000,
      model: 'agent/guide',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: ANSWER,
            refusal: null,
            sources: [
              {
                citation: '[limits.md § Budgets]',
                document: 'limits.md',
                heading: 'Budgets',
                page: null,
                text: 'A budget is a cap in US dollars.',
                knowledgeBase: 'handbook',
              },
            ],
          },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 200,
        completion_tokens: 20,
        total_tokens: 220,
        prompt_tokens_details: { cached_tokens: 80 },
        completion_tokens_details: { reasoning_tokens: 4 },
      },
    });
  });

  it('names itself as the engine port wants it', async () => {
    const engine = await open(inTurn('x'));

    expect(engine).toMatchObject({ endpoint: 'agent/guide', model: 'agent/guide', provider: 'agent', servedName: 'agent/guide', simulated: false });
    expect(engine.load()).toEqual({ running: 0, waiting: 0 });
    await engine.close();
  });

  it('starts a run for the tenant, key, session and trace that the gateway names', async () => {
    const engine = await open(inTurn('x'));
    const traceId = 'c'.repeat(32);

    const headers = {
      [AGENT_HEADERS.tenant]: 'acme',
      [AGENT_HEADERS.keyId]: 'key_9',
      [AGENT_HEADERS.session]: 's1',
      traceparent: `00-${traceId}-${'d'.repeat(16)}-01`,
    };
    const reply = await call(engine, { headers });

    const row = await bench.store.db.selectFrom('agent_run').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ tenant: 'acme', key_id: 'key_9', session: 's1', trace_id: traceId, id: reply.headers['x-maru-run-id'] });
  });

  it('answers with the status and code of a run that failed', async () => {
    const engine = await open(() => search);

    for (const stream of [false, true]) {
      const reply = await call(engine, { stream });
      expect(reply.status).toBe(422);
      expect(JSON.parse(await readText(reply))).toMatchObject({ error: { code: 'agent_loop', type: 'invalid_request_error' } });
    }
  });

  it('refuses what is not a chat', async () => {
    const engine = await open(inTurn('x'));
    const request = { operation: 'embeddings' as const, body: Buffer.from('{}'), stream: false, headers: {}, signal: new AbortController().signal };

    await expect(engine.call(request)).rejects.toMatchObject({ code: 'not_supported' });
  });

  it('refuses a body that it can not read', async () => {
    const engine = await open(inTurn('x'));

    for (const [body, code] of [
      ['nonsense', 'invalid_request'],
      [{ messages: 'hello' }, 'invalid_request'],
      [{ messages: [] }, 'invalid_request'],
      [{ messages: [{ role: 'user' }, { role: 'cat', content: 'x' }] }, 'invalid_request'],
    ] as const)
      await expect(call(engine, { body })).rejects.toMatchObject({ code });
    const broken = engine.call({ operation: 'chat', body: Buffer.from('{"messages":'), stream: false, headers: {}, signal: new AbortController().signal });
    await expect(broken).rejects.toMatchObject({ code: 'invalid_json' });
    expect((await bench.agents.list()).items).toEqual([]);
  });

  it('takes fields that it does not know, and parts of a message that are not text', async () => {
    const engine = await open(inTurn('x'));
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'image_url', image_url: { url: 'data:' } },
        ],
        extra: 1,
      },
    ];

    const reply = await call(engine, { body: { model: 'agent/guide', messages, top_k: 3 } });

    expect(reply.status).toBe(200);
    expect((await bench.agents.list()).items[0]?.input).toEqual({ input: 'Look', messages: 1 });
  });

  it('says that a person has to decide when a tool needs approval, and leaves the run waiting', async () => {
    const engine = await open(inTurn(search), { ...KNOWLEDGE, approvals: ['search-knowledge'] });

    const whole = JSON.parse(await readText(await call(engine))) as { choices: { message: { content: string } }[] };
    const streamed = await readChunks(await call(engine, { stream: true }));

    expect(whole.choices[0]?.message.content).toMatch(/^A person has to approve a tool call before this can go on. The run is run_/);
    expect(streamed.text).toMatch(/^A person has to approve/);
    await until(async () => (await bench.agents.list({ state: 'waiting' })).items.length === 2);
  });
});

describe('a streamed answer of an agent', () => {
  it('comes word by word, then the sources, then the usage', async () => {
    const engine = await open(inTurn(search, ANSWER));

    const reply = await call(engine, { stream: true });
    const { chunks, done, text } = await readChunks(reply);

    expect(reply.headers['content-type']).toContain('text/event-stream');
    expect(text).toBe(ANSWER);
    expect(chunks.length).toBeGreaterThan(8);
    expect(chunks[0]?.choices?.[0]?.delta).toEqual({ role: 'assistant', content: '' });
    expect(chunks.at(-2)?.choices?.[0]).toMatchObject({ finish_reason: 'stop', delta: { sources: [{ document: 'limits.md' }] } });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 220 } });
    expect(done).toBe(true);
  });

  it('has no usage when the client did not ask for it', async () => {
    const engine = await open(inTurn('x'));

    const { chunks } = await readChunks(await call(engine, { stream: true, body: { messages: [{ role: 'user', content: 'Q' }] } }));

    expect(chunks.some((chunk) => chunk.usage !== undefined)).toBe(false);
  });

  it('keeps what the model said before a tool call as a paragraph of its own', async () => {
    const engine = await open(inTurn({ ...search, content: 'Let me look.' }, ANSWER));

    const { text } = await readChunks(await call(engine, { stream: true }));

    expect(text).toBe(`Let me look.\n\n${ANSWER}`);
  });

  it('shows neither plan nor verdict', async () => {
    const engine = await open(inTurn('["one"]', search, ANSWER, 'COMPLETE'), { ...KNOWLEDGE, graph: 'plan-execute-evaluate' });

    const { text, chunks } = await readChunks(await call(engine, { stream: true }));

    expect(text).toBe(ANSWER);
    expect(JSON.stringify(chunks)).not.toContain('COMPLETE');
  });

  it('ends with an error event when the run fails in the middle', async () => {
    const engine = await open(inTurn({ ...search, content: 'Looking.' }, { ...search, content: 'Again.' }, { ...search, content: 'And again.' }));

    const { chunks, done } = await readChunks(await call(engine, { stream: true }));

    expect(chunks.at(-1)?.error?.code).toBe('agent_loop');
    expect(done).toBe(false);
  });
});

describe('a client that goes', () => {
  it('cancels the run of a plain request', async () => {
    const engine = await open((_, __, signal) => endless(signal, 'word '));
    const client = new AbortController();
    const reply = call(engine, { signal: client.signal }).then(
      () => 'answered',
      (error: unknown) => (isPlatformError(error) ? error.code : 'unknown'),
    );
    await until(async () => (await bench.agents.list({ state: 'running' })).items.length === 1);
    await until(() => engine.load().running === 1);

    client.abort();

    expect(await reply).toBe('cancelled');
    expect((await bench.agents.list()).items[0]?.state).toBe('cancelled');
    expect(engine.load().running).toBe(0);
  });

  it('cancels the run of a stream', async () => {
    const engine = await open((_, __, signal) => endless(signal, 'word '));
    const client = new AbortController();
    const reply = await call(engine, { stream: true, signal: client.signal });

    const reading = readText(reply).catch((error: unknown) => (isPlatformError(error) ? error.code : 'unknown'));
    client.abort();

    expect(await reading).toBe('cancelled');
    await until(async () => (await bench.agents.list()).items[0]?.state === 'cancelled');
  });
});
