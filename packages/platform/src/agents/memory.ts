import type { Store } from '#store';
import { type ChatMessage, questionOf } from './messages.ts';
import { readJson } from './run-row.ts';

export interface MemoryKey {
  readonly tenant: string;
  readonly agent: string;
  readonly session: string;
}

/** The last `messages` questions and answers of a session with this agent, oldest first; only runs that have succeeded count. */
export async function recall(store: Store, key: MemoryKey, messages: number): Promise<readonly ChatMessage[]> {
  if (messages <= 0) return [];
  const rows = await store.db
    .selectFrom('agent_run')
    .select(['id', 'messages', 'output'])
    .where('session', '=', key.session)
    .where('tenant', '=', key.tenant)
    .where('agent', '=', key.agent)
    .where('state', '=', 'succeeded')
    .where('parent_run_id', 'is', null)
    .orderBy('created_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(Math.ceil(messages / 2))
    .execute();
  return rows
    .reverse()
    .flatMap((row): ChatMessage[] => {
      const asked = readJson(row.messages, `messages of run ${row.id}`) as ChatMessage[];
      const answer = readJson(row.output ?? '{}', `output of run ${row.id}`) as { text?: string };
      return [
        { role: 'user', content: questionOf(asked) },
        { role: 'assistant', content: answer.text ?? '' },
      ];
    })
    .slice(-messages);
}
