import { PlatformError } from '@maru/api/errors';
import type { ChatMessage, ContentPart } from '@maru/api/wire';
import type { AnthropicBlock, AnthropicTurn } from './anthropic-wire.ts';

/**
 * The turns of a conversation as Anthropic wants them: system texts apart, tool results as blocks of the user, neighbours of one role joined.
 * Throws `invalid_request` or `not_supported` naming the message.
 */
export function toAnthropicMessages(messages: readonly ChatMessage[]): {
  readonly system: readonly AnthropicBlock[];
  readonly turns: readonly AnthropicTurn[];
} {
  const system: AnthropicBlock[] = [];
  const turns: { role: 'user' | 'assistant'; content: AnthropicBlock[] }[] = [];
  for (const [index, message] of messages.entries()) {
    const blocks = toBlocks(message, index);
    if (message.role === 'system' || message.role === 'developer') {
      system.push(...blocks);
      continue;
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, content: blocks });
  }
  return { system, turns };
}

function toBlocks(message: ChatMessage, index: number): AnthropicBlock[] {
  const content = toContent(message.content, index);
  switch (message.role) {
    case 'system':
    case 'developer':
    case 'user':
      return content;
    case 'assistant':
      return [...content, ...(message.tool_calls ?? []).map((call) => toToolUse(call, index))];
    case 'tool':
      if (message.tool_call_id == null) throw wrong(index, 'is a tool result without "tool_call_id"');
      return [{ type: 'tool_result', tool_use_id: message.tool_call_id, content }];
    default:
      throw wrong(index, `has the unknown role "${message.role.slice(0, 40)}"`);
  }
}

function toContent(content: ChatMessage['content'], index: number): AnthropicBlock[] {
  if (content == null) return [];
  // Anthropic refuses empty texts.
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return content.filter((part) => part.type !== 'text' || (part.text ?? '') !== '').map((part) => toBlock(part, index));
}

function toBlock(part: ContentPart, index: number): AnthropicBlock {
  const cache = part['cache_control'] === undefined ? {} : { cache_control: part['cache_control'] };
  if (part.type === 'text') return { type: 'text', text: part.text ?? '', ...cache };
  if (part.type === 'image_url' && part.image_url != null) return { type: 'image', source: toImageSource(part.image_url.url, index), ...cache };
  if (part.type === 'refusal') return { type: 'text', text: String(part['refusal'] ?? '') };
  throw new PlatformError('not_supported', {
    message: `messages[${index}] has content of the type "${part.type.slice(0, 40)}", which models of Anthropic do not take here; use text or image_url`,
    details: { param: 'messages' },
  });
}

function toImageSource(url: string, index: number): AnthropicBlock {
  const data = /^data:([\w.+-]+\/[\w.+-]+);base64,/.exec(url);
  if (data?.[1] !== undefined) return { type: 'base64', media_type: data[1], data: url.slice(data[0].length) };
  if (/^https?:\/\//i.test(url)) return { type: 'url', url };
  throw wrong(index, 'has an image that is neither a base64 data URL nor an http address');
}

function toToolUse(call: { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }, index: number): AnthropicBlock {
  const text = call.function.arguments.trim();
  try {
    return { type: 'tool_use', id: call.id, name: call.function.name, input: text === '' ? {} : (JSON.parse(text) as unknown) };
  } catch {
    throw wrong(index, 'has a tool call whose arguments are not JSON');
  }
}

const wrong = (index: number, what: string): PlatformError =>
  new PlatformError('invalid_request', { message: `messages[${index}] ${what}`, details: { param: 'messages' } });
