import type { DropList } from '../drop-list.ts';
import type { JsonObject } from '../json-value.ts';
import type { CanonicalMessage } from './message.ts';

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

/** A conversation for vendors that want instructions apart and turns that alternate. */
export interface JoinedTurns {
  readonly system: readonly JsonObject[];
  readonly turns: readonly Turn[];
}

/** Instructions apart, tool results in the user's turn, neighbours of one role joined; `encode` gives the blocks of a message. */
export function joinTurns(
  messages: readonly CanonicalMessage[],
  drops: DropList,
  encode: (message: CanonicalMessage, field: string) => readonly JsonObject[],
): JoinedTurns {
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const field = `messages[${index}]`;
    const blocks = encode(message, field);
    if (message.role === 'system' || message.role === 'developer') {
      if (turns.length > 0) drops.hint(field, 'instructions stand before the conversation in this format');
      system.push(...blocks);
      continue;
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, content: [...blocks] });
  }
  return { system, turns };
}
