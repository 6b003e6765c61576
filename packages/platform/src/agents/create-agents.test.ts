import { afterEach, describe, expect, it } from 'vitest';
import type { AgentOutput } from './run-result.ts';
import { type Bench, createScriptedModel, eventsOf, inTurn, makeAgent, openBench, PAYER } from './test-kit.ts';

let bench: Bench;
afterEach(() => bench.close());

describe('a react agent', () => {
  it('searches, answers, and names its sources', async () => {
    const model = createScriptedModel(inTurn({ calls: [{ name: 'search-knowledge', args: { query: 'budget' } }] }, 'A budget is a cap [limits.md § Budgets].'));
    bench = await openBench({ model });
    const agent = makeAgent({ tools: [{ type: 'knowledge', knowledgeBase: 'handbook' }] });

    const run = await bench.agents.start(agent, { input: 'What is a budget?', ...PAYER });
    const events = await eventsOf(bench.agents, run.id);

    const end = events.at(-1);
    expect(end?.type).toBe('run-end');
    const output = (end?.type === 'run-end' ? end.run.output : undefined) as AgentOutput;
    expect(output.text).toBe('A budget is a cap [limits.md § Budgets].');
    expect(output.sources.map((source) => source.document)).toEqual(['limits.md']);
    expect(bench.searches).toEqual(['budget']);
  });
});
