import type { ChatMessage, ChatTool } from '@maru/api/wire';
import { readContext } from './read-context.ts';
import { readToolResult, type ToolResult } from './read-tool-result.ts';
import type { ReaderPassage } from './reader-passage.ts';

interface PastCall {
  readonly name: string;
  readonly arguments: string;
  readonly result: ToolResult | undefined;
}

/** A conversation as the reader sees it. */
export interface Conversation {
  /** What is asked now, without the passages around it. */
  readonly question: string;
  /** The last message of the user, whole: an instruction such as "judge …" may stand there in place of a question. */
  readonly instruction: string;
  /** Given to answer from: the results of tools since the question, then what the messages hold. */
  readonly passages: readonly ReaderPassage[];
  /** True when passages were given with the question; those of earlier questions do not count. */
  readonly hasOwnPassages: boolean;
  /** Calls since the question, in order. */
  readonly calls: readonly PastCall[];
  /** The last answer of the assistant, where one was given. */
  readonly lastAnswer: string | undefined;
  readonly tools: readonly ChatTool[];
}

/** Sentences by which a program, not a person, speaks of the conversation. */
const ABOUT_THE_CONVERSATION = /question of the user|last (?:message|question) of the user|the work (?:so far|above)|last step went wrong/i;

export function readConversation(messages: readonly ChatMessage[], tools: readonly ChatTool[]): Conversation {
  const asked = messages.findLastIndex((message) => message.role === 'user' && !ABOUT_THE_CONVERSATION.test(textOf(message)));
  const question = readContext(textOf(messages[asked]).replace(/^Step \d+ of \d+: /, ''));
  const calls = readCalls(messages, asked + 1);
  const fresh = calls.flatMap((call) => passagesOf(call.result));
  // Passages of earlier questions help only where this one brought none of its own.
  const given = [...question.passages, ...messages.slice(0, Math.max(0, asked)).flatMap((message) => givenIn(message))];
  const earlier = fresh.length > 0 ? [] : readCalls(messages, 0).flatMap((call) => passagesOf(call.result));
  return {
    question: question.question,
    instruction: textOf(messages.findLast((message) => message.role === 'user')),
    hasOwnPassages: fresh.length > 0 || given.length > 0,
    passages: unique([...fresh, ...given, ...earlier]),
    calls,
    lastAnswer: messages.map((message) => (message.role === 'assistant' ? textOf(message) : '')).findLast((text) => text !== ''),
    tools,
  };
}

function readCalls(messages: readonly ChatMessage[], from: number): PastCall[] {
  const results = new Map(messages.flatMap((message) => (message.role === 'tool' ? [[message.tool_call_id ?? '', textOf(message)] as const] : [])));
  return messages.slice(from).flatMap((message) =>
    (message.tool_calls ?? []).map((call) => {
      const content = results.get(call.id);
      const { name, arguments: args } = call.function;
      return { name, arguments: args, result: content === undefined ? undefined : readToolResult(name, content) };
    }),
  );
}

function passagesOf(result: ToolResult | undefined): readonly ReaderPassage[] {
  return result !== undefined && 'passages' in result ? result.passages : [];
}

function givenIn(message: ChatMessage): readonly ReaderPassage[] {
  if (message.role !== 'system' && message.role !== 'developer' && message.role !== 'user') return [];
  const { passages, question } = readContext(textOf(message));
  // Instructions of several paragraphs are no source, and must not be quoted as one.
  return message.role === 'user' || /<\/?context|context\s*:|passages?\s*:|문맥\s*:/i.test(textOf(message))
    ? passages.filter((passage) => passage.text !== question)
    : [];
}

function unique(passages: readonly ReaderPassage[]): ReaderPassage[] {
  return [...new Map(passages.map((passage) => [`${passage.citation}\n${passage.text}`, passage])).values()];
}

/** The text of a message; parts that are no text are passed over. */
export function textOf(message: ChatMessage | undefined): string {
  const content = message?.content;
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('\n');
}
