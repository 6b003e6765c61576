import { END, START, StateGraph } from '@langchain/langgraph';
import { type ChatMessage, messageText } from '../messages.ts';
import { askModel, type GraphContext } from './graph-context.ts';
import { answerNode, modelNode, openCalls, toolsNode } from './nodes.ts';
import { PLAN_PROMPT, parsePlan } from './plan.ts';
import { type RunState, type RunUpdate, runState } from './state.ts';
import { EVALUATE_PROMPT, parseVerdict } from './verdict.ts';

const ANSWER_PROMPT = 'Answer the question of the user from the work above, completely and in its language. Name the sources that you used.';

/** A planner, an executor with tools, and an evaluator that says COMPLETE, CONTINUE or RETRY after each step of the plan. */
export const planExecuteEvaluateGraph = (graph: GraphContext) =>
  new StateGraph(runState)
    .addNode('plan_', (state) => planNode(graph, state))
    .addNode('execute', (state) => modelNode(graph, state, { kind: 'model', name: 'execute', messages: withInstructions(graph, state) }))
    .addNode('tools', (state) => toolsNode(graph, state))
    .addNode('evaluate', (state) => evaluateNode(graph, state))
    .addNode('answer_', (state) => finalNode(graph, state))
    .addEdge(START, 'plan_')
    .addEdge('plan_', 'execute')
    .addConditionalEdges('execute', (state) => (openCalls(state).length > 0 ? 'tools' : 'evaluate'), ['tools', 'evaluate'])
    .addEdge('tools', 'execute')
    // The evaluator leaves a message for the executor exactly when there is more to do.
    .addConditionalEdges('evaluate', (state) => (state.messages.at(-1)?.role === 'user' ? 'execute' : 'answer_'), ['execute', 'answer_'])
    .addEdge('answer_', END);

const withInstructions = (graph: GraphContext, state: RunState, extra: readonly ChatMessage[] = []): readonly ChatMessage[] => [
  { role: 'system', content: graph.agent.spec.instructions },
  ...state.messages,
  ...extra,
];

const taskMessage = (plan: readonly string[], position: number): ChatMessage => ({
  role: 'user',
  content: `Step ${position + 1} of ${plan.length}: ${plan[position] ?? ''}`,
});

async function planNode(graph: GraphContext, state: RunState): Promise<RunUpdate> {
  const toolNames = [...graph.tools.values()].map((tool) => `${tool.name}: ${tool.description}`).join('\n');
  const prompt = `${PLAN_PROMPT}\nTools:\n${toolNames === '' ? '(none)' : toolNames}`;
  const messages = withInstructions(graph, state, [{ role: 'user', content: prompt }]);
  const reply = await askModel(graph, state, { kind: 'plan', name: 'plan', messages, withTools: false });
  const plan = parsePlan(reply.content);
  return {
    plan,
    step: state.step + 1,
    modelCalls: state.modelCalls + 1,
    // A plan of one step is the question itself.
    messages: plan.length > 1 ? [taskMessage(plan, 0)] : [],
  };
}

async function evaluateNode(graph: GraphContext, state: RunState): Promise<RunUpdate> {
  const planText = state.plan.length > 1 ? `The plan:\n${state.plan.map((step, index) => `${index + 1}. ${step}`).join('\n')}\n` : '';
  const done = state.plan.length > 1 ? `Done so far: step ${state.position + 1} of ${state.plan.length}.\n` : '';
  const messages = withInstructions(graph, state, [{ role: 'user', content: `${planText}${done}${EVALUATE_PROMPT}` }]);
  const reply = await askModel(graph, state, { kind: 'evaluate', name: 'evaluate', messages, withTools: false });
  const { verdict, reason } = parseVerdict(reply.content);
  const update = { step: state.step + 1, modelCalls: state.modelCalls + 1 };
  const next = state.position + 1;
  if (verdict === 'CONTINUE' && next < state.plan.length) return { ...update, position: next, messages: [taskMessage(state.plan, next)] };
  if (verdict === 'RETRY' && state.iteration + 1 < graph.agent.spec.maxIterations) {
    const why = reason === '' ? 'The last step went wrong.' : `The last step went wrong: ${reason}`;
    return { ...update, iteration: state.iteration + 1, messages: [{ role: 'user', content: `${why} Do it again in another way.` }] };
  }
  return update;
}

/** The result of a plan of one step is the answer; several results are put together by the model. */
async function finalNode(graph: GraphContext, state: RunState): Promise<RunUpdate> {
  const last = messageText(state.messages.at(-1) ?? { content: '' });
  if (state.plan.length <= 1) return answerNode(graph, state, last);
  const messages = withInstructions(graph, state, [{ role: 'user', content: ANSWER_PROMPT }]);
  const reply = await askModel(graph, state, { kind: 'answer', name: 'answer', messages, withTools: false });
  return { answer: reply.content === '' ? last : reply.content, step: state.step + 1, modelCalls: state.modelCalls + 1 };
}
