import { END, START, StateGraph } from '@langchain/langgraph';
import { messageText } from '../messages.ts';
import type { GraphContext } from './graph-context.ts';
import { answerNode, modelNode, openCalls, toolsNode } from './nodes.ts';
import { runState } from './state.ts';

/** Model and tools in turn, until the model answers without asking for a tool. */
export const reactGraph = (graph: GraphContext) =>
  new StateGraph(runState)
    .addNode('model', (state) =>
      modelNode(graph, state, { kind: 'model', name: 'model', messages: [{ role: 'system', content: graph.agent.spec.instructions }, ...state.messages] }),
    )
    .addNode('tools', (state) => toolsNode(graph, state))
    .addNode('answer_', (state) => answerNode(graph, state, messageText(state.messages.at(-1) ?? { content: '' })))
    .addEdge(START, 'model')
    .addConditionalEdges('model', (state) => (openCalls(state).length > 0 ? 'tools' : 'answer_'), ['tools', 'answer_'])
    .addEdge('tools', 'model')
    .addEdge('answer_', END);
