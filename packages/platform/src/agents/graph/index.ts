import { PlatformError } from '@maru/api/errors';
import type { Store } from '#store';
import type { ChatMessage } from '../messages.ts';
import type { Source } from '../tools/tool.ts';
import { StoreCheckpointer } from './checkpointer.ts';
import type { GraphContext } from './graph-context.ts';
import { planExecuteEvaluateGraph } from './plan-execute-evaluate.ts';
import { reactGraph } from './react.ts';
import type { RunState } from './state.ts';

export type GraphOutcome = { readonly ended: true; readonly text: string; readonly sources: readonly Source[] } | { readonly ended: false };

/**
 * Runs the graph of an agent from its last checkpoint, or from the beginning where there is none.
 * `ended: false` means that a person has to decide about a tool call first.
 */
export async function runGraph(store: Store, graph: GraphContext, messages: readonly ChatMessage[]): Promise<GraphOutcome> {
  const checkpointer = new StoreCheckpointer(store);
  const threadId = graph.context.runId;
  const built = graph.agent.spec.graph === 'react' ? reactGraph(graph) : planExecuteEvaluateGraph(graph);
  const compiled = built.compile({ checkpointer });
  const config = { configurable: { thread_id: threadId }, durability: 'sync' as const, recursionLimit: 3 * graph.agent.spec.maxSteps + 20 };
  const readState = async (): Promise<RunState> => (await compiled.getState(config)).values as RunState;
  const begun = (await checkpointer.getTuple(config)) !== undefined;
  // The process may have died between the last checkpoint and the end of the run.
  const finished = begun && typeof (await readState()).answer === 'string';
  if (!finished) {
    const input = begun ? null : { messages: [...messages] };
    for await (const _ of await compiled.stream(input, { ...config, streamMode: 'updates' })) await checkpointer.prune(threadId, KEPT_CHECKPOINTS);
  }
  const snapshot = await compiled.getState(config);
  const state = snapshot.values as RunState;
  if (typeof state.answer === 'string') return { ended: true, text: state.answer, sources: state.sources ?? [] };
  if (snapshot.tasks.some((task) => (task.interrupts ?? []).length > 0)) return { ended: false };
  throw new PlatformError('data_corrupt', { message: `the checkpoint of run ${threadId} leads neither to an answer nor to a next step` });
}

/** Removes the checkpoints of a run that has ended. */
export const forgetRun = (store: Store, runId: string): Promise<void> => new StoreCheckpointer(store).deleteThread(runId);

const KEPT_CHECKPOINTS = 2;
