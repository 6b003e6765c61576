import type { ChatMessage, TwinRequest } from './parse-request.ts';

/** Bytes that stand for an image or another part that is not text: 256 tokens. */
const PART_BYTES = 1024;

/** The text that the model would read. A conversation that goes on begins with the whole text of its earlier turns. */
export function renderPrompt(request: TwinRequest): string {
  if (request.operation === 'completions') return textOf(request.messages[0]);
  const tools = request.tools.length === 0 ? '' : `<|tools|>\n${JSON.stringify(request.tools)}\n`;
  const turns = request.messages.map((message) => `<|${message.role}|>\n${textOf(message)}${callsOf(message)}\n`);
  return `${tools}${turns.join('')}<|assistant|>\n`;
}

/** Text of the last message of the user. */
export function lastUserText(request: TwinRequest): string {
  return textOf(request.messages.findLast((message) => message.role === 'user'));
}

function textOf(message: ChatMessage | undefined): string {
  const content = message?.content ?? '';
  if (typeof content === 'string') return content;
  return content.map((part) => (typeof part['text'] === 'string' ? part['text'] : placeholder(part))).join('\n');
}

/** The head of the part keeps different images apart; the length is that of an image and not of its base64. */
const placeholder = (part: object): string => JSON.stringify(part).slice(0, PART_BYTES).padEnd(PART_BYTES, '.');

const callsOf = (message: ChatMessage): string => (message['tool_calls'] === undefined ? '' : JSON.stringify(message['tool_calls']));
