import { runSchema, runStepSchema } from '@maru/api/records';
import { runEventSchema } from '@maru/api/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, createScriptedModel, endless, eventsOf, inTurn, makeAgent, openBench, PAYER, type Script, until } from './__fixtures__/test-kit.ts';
import type { ChatMessage } from './messages.ts';
import type { AgentOutput } from './run-result.ts';

let bench: Bench;
afterEach(() => bench.close());

const KNOWLEDGE = { tools: [{ type: 'knowledge', knowledgeBase: 'handbook' }] };
const search = (query: string) => ({ calls: [{ name: 'search-knowledge', args: { query } }] });

async function open(script: Script, options: Omit<Parameters<typeof openBench>[0], 'model'> = {}): Promise<ReturnType<typeof createScriptedModel>> {
  const model = createScriptedModel(script);
  bench = await openBench({ model, ...options });
  return model;
}

async function runToEnd(
  spec: Record<string, unknown> = {},
  input = 'What is a budget?',
): Promise<{ id: string; output: AgentOutput; error?: unknown; state: string }> {
  const run = await bench.agents.start(makeAgent(spec), { input, ...PAYER });
  await eventsOf(bench.agents, run.id);
  const ended = await bench.agents.get(run.id);
  return { id: run.id, output: ended?.output as AgentOutput, error: ended?.error, state: ended?.state ?? '' };
}

describe('a react agent', () => {
  it('searches, answers, and names its sources', async () => {
    await open(inTurn(search('budget'), 'A budget is a cap [limits.md § Budgets].'));

    const { output, state } = await runToEnd(KNOWLEDGE);

    expect(state).toBe('succeeded');
    expect(output.text).toBe('A budget is a cap [limits.md § Budgets].');
    expect(output.sources).toEqual([
      {
        citation: '[limits.md § Budgets]',
        document: 'limits.md',
        heading: 'Budgets',
        page: null,
        text: 'A budget is a cap in US dollars.',
        knowledgeBase: 'handbook',
      },
    ]);
    expect(bench.searches).toEqual(['budget']);
  });

  it('answers at once when it needs no tool', async () => {
    const model = await open(inTurn('Hello.'));

    const { output } = await runToEnd();

    expect(output).toMatchObject({ text: 'Hello.', sources: [], modelCalls: 1, toolCalls: 0 });
    expect(model.requests[0]?.tools).toEqual([]);
  });

  it('sends instructions, conversation, tools and temperature to the model of the resource', async () => {
    const model = await open(inTurn(search('x'), 'Done.'));

    await runToEnd({ ...KNOWLEDGE, temperature: 0.2, model: 'auto' });

    const [first, second] = model.requests;
    expect(first).toMatchObject({ model: 'auto', temperature: 0.2 });
    expect(first?.messages).toEqual([
      { role: 'system', content: 'Answer from the documents.' },
      { role: 'user', content: 'What is a budget?' },
    ]);
    expect(first?.tools.map((tool) => tool.function.name)).toEqual(['search-knowledge']);
    expect(second?.messages.slice(2)).toMatchObject([
      { role: 'assistant', content: null, tool_calls: [{ id: 'call_0_0', function: { name: 'search-knowledge', arguments: '{"query":"x"}' } }] },
      { role: 'tool', tool_call_id: 'call_0_0' },
    ]);
  });

  it('gives the model passages in exactly the agreed form', async () => {
    const model = await open(inTurn(search('x'), 'Done.'));

    await runToEnd({ tools: [{ type: 'knowledge', knowledgeBase: 'handbook', topK: 1 }] });

    expect(model.requests[1]?.messages.at(-1)?.content).toBe(
      '{"passages":[{"citation":"[limits.md § Budgets]","document":"limits.md","heading":"Budgets","page":null,"text":"A budget is a cap in US dollars."}]}',
    );
  });

  it('makes several calls of one answer side by side, and gives the results back in order', async () => {
    const model = await open(
      inTurn(
        {
          calls: [
            { name: 'calculate', args: { expression: '6 * 7' } },
            { name: 'search-knowledge', args: { query: 'x' } },
          ],
        },
        'Done.',
      ),
    );

    const { output } = await runToEnd({ tools: [...KNOWLEDGE.tools, { type: 'calculator' }] });

    const results = model.requests[1]?.messages.slice(-2) ?? [];
    expect(results[0]?.content).toBe('{"expression":"6 * 7","result":"42"}');
    expect(results[1]?.content).toContain('passages');
    expect(output.toolCalls).toBe(2);
  });

  it('sums the tokens of all its model calls in disjoint buckets', async () => {
    await open(inTurn(search('x'), 'Done.'));

    const { output } = await runToEnd(KNOWLEDGE);

    expect(output.usage).toEqual({ inputTokens: 120, cacheReadTokens: 80, cacheWriteTokens: 0, outputTokens: 16, reasoningTokens: 4 });
    expect(output.modelCalls).toBe(2);
  });

  it('writes every step down in the form of the records', async () => {
    await open(inTurn(search('x'), 'Done.'));

    const { id } = await runToEnd(KNOWLEDGE);

    const steps = await bench.agents.steps(id);
    for (const step of steps) runStepSchema.parse(step);
    expect(steps.map((step) => [step.index, step.kind, step.name, step.state])).toEqual([
      [0, 'model', 'model', 'succeeded'],
      [1, 'tool', 'search-knowledge', 'succeeded'],
      [2, 'model', 'model', 'succeeded'],
      [3, 'answer', 'answer', 'succeeded'],
    ]);
    expect(steps[1]?.input).toEqual({ callId: 'call_0_0', arguments: { query: 'x' } });
    expect(steps[2]?.output).toMatchObject({ content: 'Done.', usage: { outputTokens: 8 } });
  });

  it('keeps nothing of LangGraph once the run has ended', async () => {
    await open(inTurn(search('x'), 'Done.'));

    await runToEnd(KNOWLEDGE);
    await until(async () => (await bench.store.db.selectFrom('agent_checkpoint').selectAll().execute()).length === 0);

    expect(await bench.store.db.selectFrom('agent_checkpoint_write').selectAll().execute()).toEqual([]);
  });
});

describe('tool mistakes', () => {
  const second = (model: ReturnType<typeof createScriptedModel>): string => String(model.requests[1]?.messages.at(-1)?.content);

  it('are told to the model when it names a tool that is not there', async () => {
    const model = await open(inTurn({ calls: [{ name: 'fly', args: {} }] }, 'Sorry.'));

    const { output, id } = await runToEnd(KNOWLEDGE);

    expect(second(model)).toContain('there is no tool \\"fly\\"; the tools are search-knowledge');
    expect(output.text).toBe('Sorry.');
    expect((await bench.agents.steps(id))[1]).toMatchObject({ state: 'failed', error: { code: 'tool_not_found' } });
  });

  it('are told to the model when the arguments are not JSON', async () => {
    const model = await open(inTurn({ calls: [{ name: 'search-knowledge', args: '{"query":' }] }, 'Sorry.'));

    await runToEnd(KNOWLEDGE);

    expect(second(model)).toContain('not valid JSON');
    expect(bench.searches).toEqual([]);
  });

  it('are told to the model when the arguments do not fit the schema', async () => {
    const model = await open(inTurn({ calls: [{ name: 'search-knowledge', args: { question: 'x' } }] }, 'Sorry.'));

    await runToEnd(KNOWLEDGE);

    expect(second(model)).toContain('the arguments of the tool \\"search-knowledge\\" are wrong');
    expect(second(model)).toContain('query');
    expect(bench.searches).toEqual([]);
  });

  it('are told to the model when the tool fails, without what is inside', async () => {
    const model = await open(inTurn({ calls: [{ name: 'fetch-url', args: { url: 'https://example.com/' } }] }, 'Sorry.'));

    await runToEnd({ tools: [{ type: 'http' }] });

    expect(second(model)).toContain('tool_failed');
    expect(second(model)).not.toContain('no network in this test');
  });
});

describe('an agent that goes in circles', () => {
  it('ends with agent_loop after its model calls are used up, and says what was done', async () => {
    const model = await open((_, call) => search(`try ${call}`));

    const { state, error } = await runToEnd({ ...KNOWLEDGE, maxSteps: 4 });

    expect(state).toBe('failed');
    expect(error).toEqual({
      code: 'agent_loop',
      message: 'the agent "guide" has called its model 4 times without reaching an answer (spec.maxSteps is 4); it had called search-knowledge 4x',
    });
    expect(model.requests).toHaveLength(4);
  });

  it('ends with agent_loop at the third call with the same arguments, which is not made', async () => {
    await open(() => search('again'));

    const { error } = await runToEnd(KNOWLEDGE);

    expect(error).toMatchObject({ code: 'agent_loop', message: expect.stringContaining('with the same arguments 3 times') });
    expect(bench.searches).toEqual(['again', 'again']);
  });

  it('counts the tokens of what it did all the same', async () => {
    await open(() => search('again'));

    const { id } = await runToEnd(KNOWLEDGE);

    const row = await bench.store.db.selectFrom('agent_run').select('usage').where('id', '=', id).executeTakeFirstOrThrow();
    expect(JSON.parse(row.usage ?? 'null')).toMatchObject({ outputTokens: 24 });
  });
});

describe('starting a run', () => {
  it('refuses an empty question, too long a question, and a conversation without a user', async () => {
    await open(inTurn('Hello.'));
    const agent = makeAgent();

    for (const bad of [{ input: ' ' }, {}, { input: 'x'.repeat(200_001) }, { messages: [] }, { messages: [{ role: 'system', content: 'x' } as ChatMessage] }])
      await expect(bench.agents.start(agent, { ...bad, ...PAYER })).rejects.toMatchObject({ code: 'invalid_request' });
    expect((await bench.agents.list()).items).toEqual([]);
  });

  it('names the field of a conversation that is wrong', async () => {
    await open(inTurn('Hello.'));
    const messages = [
      { role: 'user', content: 'x' },
      { role: 'robot', content: 'y' },
    ] as unknown as ChatMessage[];

    await expect(bench.agents.start(makeAgent(), { messages, ...PAYER })).rejects.toThrow(/^messages\[1\]\["role"\]/);
  });

  it('fails the run, not the platform, when the resource names what is not there', async () => {
    await open(inTurn('Hello.'));

    const { error } = await runToEnd({ tools: [{ type: 'mcp', server: 'nowhere' }] });

    expect(error).toEqual({ code: 'reference_missing', message: 'there is no ToolServer "nowhere"' });
  });

  it('fails the run when two tools have one name', async () => {
    await open(inTurn('Hello.'));

    const { error } = await runToEnd({ tools: [{ type: 'calculator' }, { type: 'calculator' }] });

    expect(error).toMatchObject({ code: 'resource_invalid' });
  });

  it('keeps to the instructions that the run began with', async () => {
    const agent = makeAgent();
    const model = await open(inTurn('Hello.'));
    const run = await bench.agents.start(agent, { input: 'x', ...PAYER });
    agent.spec.instructions = 'changed';
    await eventsOf(bench.agents, run.id);

    expect(model.requests[0]?.messages[0]?.content).toBe('Answer from the documents.');
  });

  it('works on as many runs at once as it may, and takes the next when one ends', async () => {
    const ends: (() => void)[] = [];
    await open(() => new Promise((resolve) => ends.push(() => resolve('Done.'))), { options: { maxConcurrentRuns: 2 } });
    const runs = [];
    for (let count = 0; count < 3; count += 1) runs.push(await bench.agents.start(makeAgent(), { input: `${count}`, ...PAYER }));
    await until(() => ends.length === 2);
    expect((await bench.agents.get(runs[2]?.id ?? ''))?.state).toBe('queued');

    ends[0]?.();
    await until(() => ends.length === 3);
    for (const end of ends) end();
    for (const run of runs) await eventsOf(bench.agents, run.id);

    expect((await bench.agents.list({ state: 'succeeded' })).items).toHaveLength(3);
  });
});

describe('a session', () => {
  const ask = async (input: string, extra: Record<string, unknown> = {}): Promise<void> => {
    const run = await bench.agents.start(makeAgent({ memory: { messages: 4 } }), { input, ...PAYER, session: 's1', ...extra });
    await eventsOf(bench.agents, run.id);
    await bench.clock.advance(1);
  };
  const texts = (messages: readonly ChatMessage[] | undefined): unknown[] => (messages ?? []).slice(1).map((message) => message.content);

  it('remembers the last questions and answers, as many as the agent says', async () => {
    const model = await open((_, call) => `Answer ${call}.`);

    for (const question of ['one', 'two', 'three', 'four']) await ask(question);

    expect(texts(model.requests[1]?.messages)).toEqual(['one', 'Answer 0.', 'two']);
    expect(texts(model.requests[3]?.messages)).toEqual(['two', 'Answer 1.', 'three', 'Answer 2.', 'four']);
  });

  it('is not seen by other tenants, other sessions, or runs without a session', async () => {
    const model = await open((_, call) => `Answer ${call}.`);

    await ask('secret');
    await ask('mine?', { tenant: 'other' });
    await ask('mine?', { session: 's2' });
    const run = await bench.agents.start(makeAgent(), { input: 'mine?', ...PAYER });
    await eventsOf(bench.agents, run.id);

    for (const request of model.requests.slice(1)) expect(texts(request.messages)).toEqual(['mine?']);
  });

  it('does not remember runs that failed', async () => {
    const model = await open((_, call) => (call === 0 ? Promise.reject(new TypeError('broken')) : 'Fine.'));

    await ask('one');
    await ask('two');

    expect(texts(model.requests[1]?.messages)).toEqual(['two']);
  });

  it('leaves a conversation alone that the client keeps itself', async () => {
    const model = await open((_, call) => `Answer ${call}.`);
    await ask('one');

    const messages: ChatMessage[] = [{ role: 'user', content: 'own' }];
    const run = await bench.agents.start(makeAgent(), { messages, ...PAYER, session: 's1' });
    await eventsOf(bench.agents, run.id);

    expect(texts(model.requests[1]?.messages)).toEqual(['own']);
  });
});

describe('the events of a run', () => {
  it('come in order, in the form of the control API', async () => {
    await open(inTurn(search('x'), 'A b.'));

    const run = await bench.agents.start(makeAgent(KNOWLEDGE), { input: 'Q', ...PAYER });
    const events = await eventsOf(bench.agents, run.id);

    for (const event of events) runEventSchema.parse(event);
    expect(events.map((event) => event.type)).toEqual([
      'run-queued',
      ...['step-start', 'step-end'],
      ...['step-start', 'tool-start', 'tool-end', 'step-end'],
      ...['step-start', 'text-delta', 'text-delta', 'step-end'],
      ...['step-start', 'step-end'],
      'run-end',
    ]);
  });

  it('are told to someone who comes after the end', async () => {
    await open(inTurn(search('x'), 'A b.'));
    const run = await bench.agents.start(makeAgent(KNOWLEDGE), { input: 'Q', ...PAYER });
    await eventsOf(bench.agents, run.id);

    const late = await eventsOf(bench.agents, run.id);

    expect(late.filter((event) => event.type === 'text-delta')).toEqual([{ type: 'text-delta', text: 'A b.', index: 2, kind: 'model' }]);
    expect(late.map((event) => event.type)).toEqual([
      'run-queued',
      ...['step-start', 'step-end'],
      ...['step-start', 'tool-start', 'tool-end', 'step-end'],
      ...['step-start', 'text-delta', 'step-end'],
      ...['step-start', 'step-end'],
      'run-end',
    ]);
  });

  it('are told from a step on', async () => {
    await open(inTurn(search('x'), 'A b.'));
    const run = await bench.agents.start(makeAgent(KNOWLEDGE), { input: 'Q', ...PAYER });
    await eventsOf(bench.agents, run.id);

    const rest = await eventsOf(bench.agents, run.id, 1);

    expect(rest.map((event) => event.type)).toEqual(['step-start', 'text-delta', 'step-end', 'step-start', 'step-end', 'run-end']);
  });

  it('give someone who comes in the middle of an answer all of its text once', async () => {
    let finish = (): void => undefined;
    await open(async function* () {
      yield { content: 'One ' };
      yield { content: 'two ' };
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      yield { content: 'three.' };
    } as unknown as Script);
    const run = await bench.agents.start(makeAgent(), { input: 'Q', ...PAYER });
    const first = eventsOf(bench.agents, run.id);
    const texts: string[] = [];
    await until(async () => (await bench.agents.steps(run.id)).length === 1);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));

    for await (const event of bench.agents.stream(run.id, { signal: new AbortController().signal })) {
      if (event.type !== 'text-delta') continue;
      texts.push(event.text);
      finish();
    }

    expect(texts).toEqual(['One two ', 'three.']);
    expect((await first).filter((event) => event.type === 'text-delta')).toHaveLength(3);
  });

  it('end when the watcher leaves', async () => {
    await open((_, __, signal) => endless(signal, 'word'));
    const run = await bench.agents.start(makeAgent(), { input: 'Q', ...PAYER });
    const leave = new AbortController();
    const seen: string[] = [];

    for await (const event of bench.agents.stream(run.id, { signal: leave.signal })) {
      seen.push(event.type);
      if (event.type === 'text-delta') leave.abort();
    }

    expect(seen.at(-1)).toBe('text-delta');
    expect((await bench.agents.get(run.id))?.state).toBe('running');
  });

  it('are refused for a run that does not exist', async () => {
    await open(inTurn('x'));

    await expect(eventsOf(bench.agents, 'run_x')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the list of runs', () => {
  it('shows the newest first, filtered and in pages', async () => {
    await open(inTurn('Done.'));
    const started: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const agent = makeAgent({}, count % 2 === 0 ? 'even' : 'odd');
      started.push((await bench.agents.start(agent, { input: 'Q', tenant: count < 4 ? 'acme' : 'other', keyId: 'k', session: `s${count}` })).id);
      await bench.clock.advance(1);
    }
    for (const id of started) await eventsOf(bench.agents, id);

    const first = await bench.agents.list({ limit: 2 });
    const rest = await bench.agents.list({ limit: 3, cursor: first.nextCursor ?? '' });

    for (const run of first.items) runSchema.parse(run);
    expect([...first.items, ...rest.items].map((run) => run.id)).toEqual(started.reverse());
    expect(rest.nextCursor).toBeNull();
    expect((await bench.agents.list({ agent: 'odd' })).items).toHaveLength(2);
    expect((await bench.agents.list({ tenant: 'other' })).items).toHaveLength(1);
    expect((await bench.agents.list({ session: 's3' })).items).toHaveLength(1);
    expect((await bench.agents.list({ state: 'failed' })).items).toEqual([]);
  });

  it('refuses a cursor or a state that is not one', async () => {
    await open(inTurn('Done.'));

    await expect(bench.agents.list({ cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(bench.agents.list({ state: 'sleeping' as never })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('knows no run that was never started', async () => {
    await open(inTurn('Done.'));

    expect(await bench.agents.get('run_x')).toBeUndefined();
    expect(await bench.agents.steps('run_x')).toEqual([]);
    expect(await bench.agents.approvals('run_x')).toEqual([]);
  });
});
