import type { AssistantPart, SystemPart, ToolResultPart, UserPart } from './part.ts';

/** Instructions; `developer` stays apart from `system` where the format knows both. */
export interface SystemMessage {
  readonly role: 'system' | 'developer';
  readonly content: readonly SystemPart[];
}

export interface UserMessage {
  readonly role: 'user';
  readonly content: readonly UserPart[];
  /** Name of the person, where the format says it. */
  readonly name?: string;
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: readonly AssistantPart[];
  readonly name?: string;
}

/** Results of the tool calls of the assistant message before it, one part each. */
export interface ToolMessage {
  readonly role: 'tool';
  readonly content: readonly ToolResultPart[];
}

/** One turn of a conversation. Formats that put tool results into the user's turn are split into a `tool` and a `user` message. */
export type CanonicalMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage;
