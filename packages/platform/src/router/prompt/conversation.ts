/** Number of messages and the text that the user wrote last, out of a body of any form; never throws. */
export function conversationOf(body: unknown): { turns: number; text: string } {
  const fields = isObject(body) ? body : {};
  // Chat and Anthropic, Responses, Gemini; a plain prompt where it is none of them.
  const messages = [fields['messages'], fields['input'], fields['contents']].find(Array.isArray) as unknown[] | undefined;
  if (messages === undefined) return { turns: 1, text: textOf(fields['prompt'] ?? fields['input']) };
  const last = messages.findLast((message: unknown) => isObject(message) && message['role'] === 'user') as Record<string, unknown> | undefined;
  return { turns: messages.length, text: textOf(last?.['content'] ?? last?.['parts']) };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: unknown) => (typeof part === 'string' ? part : isObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('\n');
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
