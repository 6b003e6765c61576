import { spanSchema } from '@maru/api/records';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Bench,
  type BenchOptions,
  createScriptedModel,
  endless,
  eventsOf,
  inTurn,
  makeAgent,
  openBench,
  PAYER,
  type Script,
  until,
} from './__fixtures__/test-kit.ts';
import type { AgentOutput } from './run-result.ts';

let bench: Bench;
afterEach(() => bench.close());

async function open(script: Script, options: Omit<BenchOptions, 'model'> = {}): Promise<ReturnType<typeof createScriptedModel>> {
  const model = createScriptedModel(script);
  bench = await openBench({ model, ...options });
  return model;
}

async function run(
  spec: Record<string, unknown>,
  start: Record<string, unknown> = {},
): Promise<{ id: string; output: AgentOutput; state: string; error: unknown }> {
  const { id } = await bench.agents.start(makeAgent(spec), { input: 'What is a budget?', ...PAYER, ...start });
  await eventsOf(bench.agents, id);
  const ended = await bench.agents.get(id);
  return { id, output: ended?.output as AgentOutput, state: ended?.state ?? '', error: ended?.error };
}
const kindsOf = async (runId: string): Promise<string[]> => (await bench.agents.steps(runId)).map((step) => step.kind);

const PLAN = { graph: 'plan-execute-evaluate', tools: [{ type: 'knowledge', knowledgeBase: 'handbook' }] };
const search = (query: string) => ({ calls: [{ name: 'search-knowledge', args: { query } }] });

describe('a plan-execute-evaluate agent', () => {
  it('plans, does the steps one by one, and puts the results together', async () => {
    const model = await open(
      inTurn(
        '["find budgets", "find limits"]',
        search('budgets'),
        'Budgets are caps.',
        'CONTINUE: limits are left',
        search('limits'),
        'Limits are rates.',
        'COMPLETE',
        'Both.',
      ),
    );

    const { id, output } = await run(PLAN);

    expect(await kindsOf(id)).toEqual(['plan', 'model', 'tool', 'model', 'evaluate', 'model', 'tool', 'model', 'evaluate', 'answer']);
    expect(output.text).toBe('Both.');
    expect(bench.searches).toEqual(['budgets', 'limits']);
    expect(model.requests[1]?.messages.at(-1)?.content).toBe('Step 1 of 2: find budgets');
    expect(model.requests[4]?.messages.at(-1)?.content).toBe('Step 2 of 2: find limits');
  });

  it('gives tools only to the executor', async () => {
    const model = await open(inTurn('["one"]', 'Result.', 'COMPLETE'));

    await run(PLAN);

    expect(model.requests.map((request) => request.tools.length)).toEqual([0, 1, 0]);
  });

  it('does a step again when the evaluator says so, and tells why', async () => {
    const model = await open(inTurn('["one"]', 'Wrong.', 'RETRY: no source is named', 'Right.', 'COMPLETE: fine'));

    const { output } = await run(PLAN);

    expect(output.text).toBe('Right.');
    expect(model.requests[3]?.messages.at(-1)?.content).toBe('The last step went wrong: no source is named Do it again in another way.');
  });

  it('ends after as many tries as the agent allows', async () => {
    const model = await open((_, call) => (call === 0 ? '["one"]' : call % 2 === 1 ? `Try ${call}.` : 'RETRY'));

    const { output, state } = await run({ ...PLAN, maxIterations: 2 });

    expect(state).toBe('succeeded');
    expect(output.text).toBe('Try 3.');
    expect(model.requests).toHaveLength(5);
  });

  it('ends when the evaluator goes on though the plan is done', async () => {
    await open(inTurn('["one"]', 'Result.', 'CONTINUE'));

    expect((await run(PLAN)).output.text).toBe('Result.');
  });

  it('works with a model that neither plans nor judges, such as the built-in reader', async () => {
    const model = await open((request) => {
      const asked = String(request.messages.at(-1)?.content);
      if (request.messages.at(-1)?.role === 'tool') return 'A budget is a cap [limits.md § Budgets].';
      if (request.tools.length > 0) return search('budget');
      // It repeats a sentence of what it was given.
      return asked.split('. ')[0] ?? '';
    });

    const { output, id } = await run(PLAN);

    expect(output.text).toBe('A budget is a cap [limits.md § Budgets].');
    expect(output.sources.map((source) => source.document)).toEqual(['limits.md']);
    expect(await kindsOf(id)).toEqual(['plan', 'model', 'tool', 'model', 'evaluate', 'answer']);
    expect(model.requests).toHaveLength(4);
  });

  it('counts plans and verdicts as model calls', async () => {
    await open((_, call) => (call === 0 ? '["one"]' : call % 2 === 1 ? 'Try.' : 'RETRY'));

    const { error } = await run({ ...PLAN, maxIterations: 20, maxSteps: 4 });

    expect(error).toMatchObject({ code: 'agent_loop', message: expect.stringContaining('has called its model 4 times') });
  });

  it('tells watchers which text is a plan, a verdict, work or the answer', async () => {
    await open(inTurn('["one", "two"]', 'First.', 'COMPLETE', 'Answer.'));
    const { id } = await run(PLAN);

    const texts = (await eventsOf(bench.agents, id)).flatMap((event) => (event.type === 'text-delta' ? [[event.kind, event.text]] : []));

    expect(texts).toEqual([
      ['plan', '["one", "two"]'],
      ['model', 'First.'],
      ['evaluate', 'COMPLETE'],
      ['answer', 'Answer.'],
    ]);
  });
});

describe('an agent that calls another agent', () => {
  const helper = makeAgent({ instructions: 'You help.', description: 'Knows everything.', tools: PLAN.tools }, 'helper');
  const ask = { calls: [{ name: 'ask-helper', args: { input: 'Please look it up' } }] };
  const isHelper = (instructions: unknown): boolean => instructions === 'You help.';
  const script: Script = (request) => {
    const last = request.messages.at(-1);
    if (isHelper(request.messages[0]?.content)) return last?.role === 'tool' ? 'Found [limits.md § Budgets].' : search('it');
    return last?.role === 'tool' ? 'The helper found it [limits.md § Budgets].' : ask;
  };
  const spec = { tools: [{ type: 'agent', agent: 'helper' }] };

  it('gets its answer, its sources and its tokens', async () => {
    const model = await open(script, { others: [helper] });

    const { output, id } = await run(spec);

    expect(output.text).toBe('The helper found it [limits.md § Budgets].');
    expect(output.sources.map((source) => source.document)).toEqual(['limits.md']);
    expect(output.usage.outputTokens).toBe(4 * 8);
    expect(model.requests[0]?.tools[0]?.function).toMatchObject({ name: 'ask-helper', description: 'Knows everything.' });
    const nested = (await bench.agents.list({ parentRunId: id })).items;
    expect(nested).toMatchObject([{ id: `${id}.call_0_0`, resource: 'helper', state: 'succeeded', tenant: 'acme' }]);
  });

  it('shares one trace with it, below its tool span', async () => {
    await open(script, { others: [helper] });

    await run(spec);
    await until(() => bench.spans.filter((span) => span.kind === 'agent').length === 2);

    const [nested, root] = bench.spans.filter((span) => span.kind === 'agent');
    const tool = bench.spans.find((span) => span.name === 'ask-helper');
    expect(nested?.traceId).toBe(root?.traceId);
    expect(nested?.parentSpanId).toBe(tool?.spanId);
  });

  it('cancels it when it is cancelled itself', async () => {
    await open((request, _, signal) => (isHelper(request.messages[0]?.content) ? endless(signal, 'hm') : ask), { others: [helper] });
    const { id } = await bench.agents.start(makeAgent(spec), { input: 'Q', ...PAYER });
    await until(async () => (await bench.agents.steps(`${id}.call_0_0`)).length === 1);

    await bench.agents.cancel(id);
    await until(async () => (await bench.agents.get(`${id}.call_0_0`))?.state === 'cancelled');

    expect((await bench.agents.get(id))?.state).toBe('cancelled');
  });

  it('does not wait for a place of its own, which its caller holds', async () => {
    await open(script, { others: [helper], options: { maxConcurrentRuns: 1 } });

    expect((await run(spec)).state).toBe('succeeded');
  });

  it('is told when the other fails, and when it is not there', async () => {
    const model = await open(
      (request) => (isHelper(request.messages[0]?.content) ? Promise.reject(new TypeError('x')) : request.messages.length > 2 ? 'Sorry.' : ask),
      {
        others: [helper],
      },
    );
    expect((await run(spec)).output.text).toBe('Sorry.');
    expect(String(model.requests.at(-1)?.messages.at(-1)?.content)).toContain('the agent \\"helper\\" has failed');
    await bench.close();

    const missing = await open(inTurn(ask, 'Sorry.'));
    expect((await run(spec)).output.text).toBe('Sorry.');
    expect(String(missing.requests.at(-1)?.messages.at(-1)?.content)).toContain('reference_missing');
  });

  it('can not go down without end', async () => {
    const self = makeAgent({ tools: [{ type: 'agent', agent: 'guide' }] });
    await open(
      (request) =>
        request.messages.at(-1)?.role === 'tool'
          ? `Heard: ${String(request.messages.at(-1)?.content)}`
          : { calls: [{ name: 'ask-guide', args: { input: 'You do it' } }] },
      {
        others: [self],
      },
    );

    const { output } = await run({ tools: [{ type: 'agent', agent: 'guide' }] });

    expect(output.text).toContain('agents call each other 4 deep');
    expect((await bench.agents.list()).items).toHaveLength(5);
  });
});

describe('the trace of a run', () => {
  it('has the agent above its steps and tools, and a retrieval below its tool', async () => {
    const model = await open(inTurn(search('x'), 'Done.'));

    const { id } = await run(PLAN.tools.length > 0 ? { tools: PLAN.tools } : {});
    await until(() => bench.spans.some((span) => span.kind === 'agent'));

    for (const span of bench.spans) spanSchema.parse(span);
    const agent = bench.spans.find((span) => span.kind === 'agent');
    const tool = bench.spans.find((span) => span.kind === 'tool');
    const steps = bench.spans.filter((span) => span.kind === 'step');
    expect(bench.spans.map((span) => span.kind).sort()).toEqual(['agent', 'retrieval', 'step', 'step', 'step', 'tool']);
    expect(agent).toMatchObject({ name: 'agent guide', status: 'ok', tenant: 'acme', parentSpanId: null, attributes: { 'maru.run.id': id } });
    expect(tool?.parentSpanId).toBe(agent?.spanId);
    expect(bench.spans.find((span) => span.kind === 'retrieval')?.parentSpanId).toBe(tool?.spanId);
    expect(steps[0]).toMatchObject({ parentSpanId: agent?.spanId, model: 'scripted', usage: { outputTokens: 8 } });
    expect(model.requests[0]?.context.traceparent).toBe(`00-${agent?.traceId}-${steps[0]?.spanId}-01`);
  });

  it('goes on in the trace of the caller', async () => {
    await open(inTurn('Done.'));
    const traceId = 'a'.repeat(32);

    const { id } = await run({}, { traceparent: `00-${traceId}-${'b'.repeat(16)}-01`, session: 's1' });
    await until(() => bench.spans.some((span) => span.kind === 'agent'));

    expect((await bench.agents.get(id))?.traceId).toBe(traceId);
    expect(bench.spans.find((span) => span.kind === 'agent')).toMatchObject({ traceId, parentSpanId: 'b'.repeat(16), session: 's1' });
  });

  it('begins its own when the header is not one', async () => {
    await open(inTurn('Done.'));

    const { id } = await run({}, { traceparent: '00-0-0-00' });

    expect((await bench.agents.get(id))?.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('holds no questions and answers unless that is switched on', async () => {
    await open(inTurn('A secret answer.'));
    await run({});
    await until(() => bench.spans.some((span) => span.kind === 'agent'));
    expect(JSON.stringify(bench.spans)).not.toMatch(/budget|secret/);
    await bench.close();

    await open(inTurn('A secret answer.'), { options: { captureContent: true } });
    await run({});
    await until(() => bench.spans.some((span) => span.kind === 'agent'));
    expect(JSON.stringify(bench.spans)).toContain('A secret answer.');
  });

  it('marks what failed', async () => {
    await open(inTurn({ calls: [{ name: 'fly', args: {} }] }, 'Sorry.'));

    await run({});

    expect(bench.spans.find((span) => span.kind === 'tool')).toMatchObject({ status: 'error', statusMessage: expect.stringContaining('tool_not_found') });
  });
});
