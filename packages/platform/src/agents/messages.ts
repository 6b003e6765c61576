import { z } from 'zod';

/** A tool call as a model asks for it, in the wire format of OpenAI. */
export interface ChatToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    /** JSON text, as the model wrote it. */
    readonly arguments: string;
  };
}

/** A message of a conversation, in the wire format of OpenAI; parts such as images are kept as they came. */
export interface ChatMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  readonly content: string | readonly unknown[] | null;
  readonly tool_calls?: readonly ChatToolCall[];
  readonly tool_call_id?: string;
  readonly name?: string;
}

const MAX_CONVERSATION_CHARACTERS = 2_000_000;

const toolCallSchema = z.looseObject({
  id: z.string(),
  type: z.literal('function').default('function'),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

/** What a client may send as a conversation. */
export const conversationSchema = z
  .array(
    z.looseObject({
      role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
      content: z.union([z.string(), z.array(z.unknown()), z.null()]).default(null),
      tool_calls: z.array(toolCallSchema).optional(),
      tool_call_id: z.string().optional(),
      name: z.string().optional(),
    }),
  )
  .min(1)
  .max(2_000)
  .refine((messages) => JSON.stringify(messages).length <= MAX_CONVERSATION_CHARACTERS, `a conversation has at most ${MAX_CONVERSATION_CHARACTERS} characters`)
  .refine((messages) => messages.some((message) => message.role === 'user'), 'a conversation needs a message of the user');

/** The text of a message; images and other parts leave none. */
export function messageText(message: Pick<ChatMessage, 'content'>): string {
  if (typeof message.content === 'string') return message.content;
  if (message.content === null) return '';
  return message.content.map((part) => (isTextPart(part) ? part.text : '')).join('');
}

/** The text of the last message of the user: the question that the run answers. */
export function questionOf(messages: readonly ChatMessage[]): string {
  const last = messages.findLast((message) => message.role === 'user');
  return last === undefined ? '' : messageText(last);
}

const isTextPart = (part: unknown): part is { text: string } =>
  typeof part === 'object' && part !== null && 'text' in part && typeof (part as { text: unknown }).text === 'string';
