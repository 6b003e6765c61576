import type { CanonicalMessage } from '../canonical/message.ts';
import type { AssistantPart, SystemPart, ToolResultPart, UserPart } from '../canonical/part.ts';
import { Fields, invalidField } from '../fields.ts';
import { readCache } from '../read-cache.ts';
import { readThinkingBlock } from '../thinking-block.ts';
import { decodeBlocks, decodeSystemBlock, decodeText, decodeUserBlock } from './anthropic-parts.ts';

const FORMAT = 'anthropic-messages';

/** The system texts and turns of a request. A user's turn with tool results becomes a tool message and, for the rest, a user message. */
export function decodeAnthropicMessages(system: unknown, messages: readonly unknown[]): readonly CanonicalMessage[] {
  const instructions: readonly SystemPart[] = decodeBlocks(system, 'system', decodeSystemBlock);
  const turns = messages.flatMap((value, index) => decodeTurn(new Fields(value, `messages[${index}]`)));
  return instructions.length === 0 ? turns : [{ role: 'system', content: instructions }, ...turns];
}

function decodeTurn(turn: Fields): readonly CanonicalMessage[] {
  const role = turn.requiredString('role');
  const content = turn.value('content');
  const path = turn.at('content');
  switch (role) {
    case 'system':
      return [{ role, content: decodeBlocks(content, path, decodeSystemBlock) }];
    case 'assistant':
      return [{ role, content: decodeBlocks(content, path, decodeAssistantBlock).flat() }];
    case 'user':
      return decodeUserTurn(
        decodeBlocks<UserPart | ToolResultPart>(content, path, (block, type, raw) =>
          type === 'tool_result' ? decodeToolResult(block) : decodeUserBlock(block, type, raw),
        ),
      );
    default:
      throw invalidField(turn.at('role'), 'must be user or assistant');
  }
}

function decodeUserTurn(blocks: readonly (UserPart | ToolResultPart)[]): readonly CanonicalMessage[] {
  const results = blocks.filter((block): block is ToolResultPart => block.type === 'tool-result');
  const rest = blocks.filter((block): block is UserPart => block.type !== 'tool-result');
  return [
    ...(results.length === 0 ? [] : [{ role: 'tool' as const, content: results }]),
    ...(rest.length === 0 && results.length > 0 ? [] : [{ role: 'user' as const, content: rest }]),
  ];
}

function decodeToolResult(block: Fields): ToolResultPart {
  const isError = block.boolean('is_error');
  return {
    type: 'tool-result',
    callId: block.requiredString('tool_use_id'),
    content: decodeBlocks(block.value('content'), block.at('content'), decodeUserBlock),
    ...(isError === undefined ? {} : { isError }),
    ...readCache(block),
  };
}

/** Empty for a thinking block that holds nothing. */
function decodeAssistantBlock(block: Fields, type: string, raw: unknown): readonly AssistantPart[] {
  switch (type) {
    case 'text':
      return [decodeText(block)];
    case 'thinking':
    case 'redacted_thinking':
      return readThinkingBlock(raw);
    case 'tool_use':
      return [
        {
          type: 'tool-call',
          id: block.requiredString('id'),
          name: block.requiredString('name'),
          arguments: JSON.stringify(block.value('input') ?? {}),
          ...readCache(block),
        },
      ];
    default:
      return [{ type: 'foreign', format: FORMAT, value: raw }];
  }
}
