import { interrupt } from '@langchain/langgraph';
import { checkRepetition } from '../loop-guard.ts';
import type { ChatMessage, ChatToolCall } from '../messages.ts';
import type { ToolResult } from '../tools/tool.ts';
import { type Ask, askModel, type GraphContext } from './graph-context.ts';
import type { RunState, RunUpdate } from './state.ts';

/** Asks the model with all tools, and adds its message to the conversation. */
export async function modelNode(graph: GraphContext, state: RunState, ask: Omit<Ask, 'withTools'>): Promise<RunUpdate> {
  const reply = await askModel(graph, state, { ...ask, withTools: true });
  // Ids of models are not unique within a run (some begin at call_0 in every answer); ours are the keys of what was done.
  const calls = reply.toolCalls.map((call, position): ChatToolCall => ({ ...call, id: `call_${state.step}_${position}` }));
  checkRepetition(graph.agent.metadata.name, state.messages, calls);
  const message: ChatMessage = {
    role: 'assistant',
    content: reply.content === '' && calls.length > 0 ? null : reply.content,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  return { messages: [message], step: state.step + 1, modelCalls: state.modelCalls + 1 };
}

/** Makes the tool calls of the last message, side by side; waits for a person where one has to decide. */
export async function toolsNode(graph: GraphContext, state: RunState): Promise<RunUpdate> {
  graph.signal.throwIfAborted();
  const calls = openCalls(state);
  const waiting: string[] = [];
  for (const [position, call] of calls.entries()) {
    if (!(await graph.runner.admit(call, state.step + position))) waiting.push(call.id);
  }
  if (waiting.length > 0) interrupt({ waiting });
  const settled = await Promise.allSettled(calls.map((call, position) => graph.runner.run(call, state.step + position)));
  const results = settled.map((outcome): ToolResult => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  return {
    messages: results.map((result, position): ChatMessage => ({ role: 'tool', tool_call_id: calls[position]?.id ?? '', content: result.content })),
    sources: results.flatMap((result) => result.sources ?? []),
    step: state.step + calls.length,
  };
}

/** Tool calls of the last message. */
export const openCalls = (state: RunState): readonly ChatToolCall[] => state.messages.at(-1)?.tool_calls ?? [];

/** Writes the answer down as the last step. */
export async function answerNode(graph: GraphContext, state: RunState, text: string): Promise<RunUpdate> {
  await graph.log.once({ index: state.step, name: 'answer', kind: 'answer', input: null }, () => Promise.resolve({ output: { text } }));
  return { answer: text, step: state.step + 1 };
}
