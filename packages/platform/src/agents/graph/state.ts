import { Annotation } from '@langchain/langgraph';
import type { ChatMessage } from '../messages.ts';
import type { Source } from '../tools/tool.ts';

const last = <T>(initial: T) => Annotation<T>({ reducer: (_, right) => right, default: () => initial });
const appended = <T>() => Annotation<T[], readonly T[]>({ reducer: (left, right) => [...left, ...right], default: () => [] });

/** What a run knows; saved after each super-step. */
export const runState = Annotation.Root({
  messages: appended<ChatMessage>(),
  sources: appended<Source>(),
  /** Index of the next step in the log: the same in every attempt, so that logged steps are found again. */
  step: last(0),
  modelCalls: last(0),
  /** Of plan-execute-evaluate. */
  plan: last<readonly string[]>([]),
  position: last(0),
  iteration: last(0),
  answer: last<string | null>(null),
});
export type RunState = typeof runState.State;
export type RunUpdate = typeof runState.Update;
