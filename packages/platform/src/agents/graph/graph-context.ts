import type { RunStep } from '@maru/api/records';
import type { Agent } from '@maru/api/resources';
import { callModel, type ModelReply } from '../call-model.ts';
import { checkStepBudget } from '../loop-guard.ts';
import type { ChatMessage } from '../messages.ts';
import type { CallContext, ChatModel, ChatToolDefinition } from '../ports.ts';
import type { RunHub } from '../run-events.ts';
import { formatTraceparent, type RunTrace } from '../run-trace.ts';
import type { StepLog } from '../step-log.ts';
import type { ToolRunner } from '../tools/run-tool.ts';
import type { Tool } from '../tools/tool.ts';
import type { RunState } from './state.ts';

/** What the nodes of a graph work with, for one run. */
export interface GraphContext {
  readonly agent: Agent;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly runner: ToolRunner;
  readonly models: ChatModel;
  readonly log: StepLog;
  readonly hub: RunHub;
  readonly trace: RunTrace;
  readonly context: Omit<CallContext, 'traceparent'>;
  /** Aborted when the run is cancelled, runs out of time, or the process stops. */
  readonly signal: AbortSignal;
}

export interface Ask {
  readonly kind: Extract<RunStep['kind'], 'model' | 'plan' | 'evaluate' | 'answer'>;
  readonly name: string;
  readonly messages: readonly ChatMessage[];
  readonly withTools: boolean;
}

/** One model call as one step of the log; a call that has completed before is not made again. */
export async function askModel(graph: GraphContext, state: RunState, ask: Ask): Promise<ModelReply> {
  const { agent, signal } = graph;
  signal.throwIfAborted();
  checkStepBudget(agent.metadata.name, { modelCalls: state.modelCalls, maxSteps: agent.spec.maxSteps, messages: state.messages });
  const tools = ask.withTools ? definitionsOf(graph.tools) : [];
  const input = { model: agent.spec.model, messages: newestMessages(ask.messages), tools: tools.map((tool) => tool.function.name) };
  return graph.log.once({ index: state.step, name: ask.name, kind: ask.kind, input }, async (open) => {
    const reply = await callModel(graph.models, {
      request: {
        model: agent.spec.model,
        messages: ask.messages,
        tools,
        temperature: agent.spec.temperature,
        context: { ...graph.context, traceparent: formatTraceparent(graph.trace.traceId, open.spanId) },
      },
      signal,
      onText: (text) => graph.hub.emit(graph.context.runId, { type: 'text-delta', text, index: state.step, kind: ask.kind }),
    });
    return { output: reply, span: { model: agent.spec.model, usage: reply.usage } };
  });
}

/** The log keeps the messages since the last answer of the model: older ones stand in earlier steps. */
function newestMessages(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const from = messages.findLastIndex((message) => message.role === 'assistant' && message.tool_calls !== undefined);
  return from < 0 ? messages : messages.slice(from);
}

/** In the order of the resource, which never changes between calls: a stable prompt is found in the prefix cache. */
const definitionsOf = (tools: ReadonlyMap<string, Tool>): readonly ChatToolDefinition[] =>
  [...tools.values()].map(({ name, description, parameters }) => ({ type: 'function', function: { name, description, parameters } }));
