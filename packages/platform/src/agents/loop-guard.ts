import { PlatformError } from '@maru/api/errors';
import type { ChatMessage, ChatToolCall } from './messages.ts';

/** How often a run may ask for the same call before it counts as going in circles. */
const MAX_SAME_CALLS = 3;

/** Throws `agent_loop` when the run has used all its model calls. */
export function checkStepBudget(agent: string, options: { modelCalls: number; maxSteps: number; messages: readonly ChatMessage[] }): void {
  const { modelCalls, maxSteps, messages } = options;
  if (modelCalls < maxSteps) return;
  throw new PlatformError('agent_loop', {
    message: `the agent "${agent}" has called its model ${modelCalls} times without reaching an answer (spec.maxSteps is ${maxSteps}); ${describeWork(messages)}`,
    details: { modelCalls, maxSteps, tools: countCalls(messages) },
  });
}

/** Throws `agent_loop` when one of `calls` would be the third with the same tool and arguments. */
export function checkRepetition(agent: string, messages: readonly ChatMessage[], calls: readonly ChatToolCall[]): void {
  const counts = new Map<string, number>();
  for (const call of [...messages.flatMap((message) => message.tool_calls ?? []), ...calls]) {
    const key = callKey(call);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count < MAX_SAME_CALLS) continue;
    throw new PlatformError('agent_loop', {
      message: `the agent "${agent}" asked for the tool "${call.function.name}" with the same arguments ${count} times; ${describeWork(messages)}`,
      details: { tool: call.function.name, times: count, tools: countCalls(messages) },
    });
  }
}

function callKey(call: ChatToolCall): string {
  try {
    return `${call.function.name} ${JSON.stringify(sortKeys(JSON.parse(call.function.arguments)))}`;
  } catch {
    return `${call.function.name} ${call.function.arguments.trim()}`;
  }
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}

function countCalls(messages: readonly ChatMessage[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const call of messages.flatMap((message) => message.tool_calls ?? [])) counts[call.function.name] = (counts[call.function.name] ?? 0) + 1;
  return counts;
}

function describeWork(messages: readonly ChatMessage[]): string {
  const done = Object.entries(countCalls(messages)).map(([tool, count]) => `${tool} ${count}x`);
  return done.length === 0 ? 'no tool was called' : `it had called ${done.join(', ')}`;
}
