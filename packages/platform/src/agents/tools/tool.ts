import type { Usage } from '@maru/api/records';
import type { AgentTool } from '@maru/api/resources';
import type { CallContext, Passage } from '../ports.ts';

/** Where a passage that the answer rests on comes from. */
export type Source = Passage & { readonly knowledgeBase: string };

export interface ToolResult {
  /** What the model reads. */
  readonly content: string;
  /** The tool worked but says that it could not do what was asked. */
  readonly isError?: boolean;
  readonly sources?: readonly Source[];
  /** Tokens of models that the tool has called. */
  readonly usage?: Usage;
}

export interface ToolContext extends CallContext {
  /** The same on every attempt of one call. */
  readonly callId: string;
  /** How many agents stand above the one that calls. */
  readonly depth: number;
  readonly signal: AbortSignal;
  /** Runs `work` in a span below the span of the tool. */
  span<T>(name: string, kind: 'retrieval' | 'agent', work: (traceparent: string) => Promise<T>): Promise<T>;
}

/** Something that an agent may call. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Doing it twice has the effect of doing it once, so a call that a crash interrupted may be made again. */
  readonly idempotent: boolean;
  /** Throws a PlatformError when it fails; its message is given to the model. */
  call(args: Readonly<Record<string, unknown>>, context: ToolContext): Promise<ToolResult>;
}

export type ToolSpec<Type extends AgentTool['type']> = Extract<AgentTool, { type: Type }>;
