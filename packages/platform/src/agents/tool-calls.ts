import type { Db, Store } from '#store';
import type { Clock } from '#time';
import { readJson, type ToolCallRow } from './run-row.ts';

/** Why a person is asked about a call. */
type Question = 'approval' | 'uncertain';

export interface PendingCall {
  readonly callId: string;
  readonly tool: string;
  readonly arguments: unknown;
  /** `uncertain`: the process died during the call, and doing it twice could do harm. */
  readonly question: Question;
}

interface CallKey {
  readonly runId: string;
  readonly callId: string;
}

export interface CallFacts extends CallKey {
  readonly index: number;
  readonly tool: string;
  readonly arguments: string;
}

/** What became of every tool call; `completed` is written before the run goes on, and is never left again. */
export interface ToolCalls {
  find(key: CallKey): Promise<ToolCallRow | undefined>;
  /** Calls of a run that wait for a person. */
  pending(runId: string): Promise<readonly PendingCall[]>;
  /** False when the call does not wait (any more). */
  decide(key: CallKey, approved: boolean): Promise<boolean>;
  ask(db: Db, call: CallFacts, question: Question): Promise<void>;
  markStarted(db: Db, call: CallFacts): Promise<void>;
  markCompleted(db: Db, key: CallKey, result: unknown): Promise<void>;
}

export function createToolCalls(store: Store, clock: Clock): ToolCalls {
  const put = async (db: Db, call: CallFacts, fields: { state: string; question: Question | null; started_ms: number | null }): Promise<void> => {
    await db
      .insertInto('agent_tool_call')
      .values({
        run_id: call.runId,
        call_id: call.callId,
        step_index: call.index,
        tool: call.tool,
        arguments: call.arguments,
        result: null,
        ended_ms: null,
        ...fields,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['run_id', 'call_id'])
          .doUpdateSet(fields)
          // A completed call is history; nothing may make it run again.
          .where('agent_tool_call.state', '!=', 'completed'),
      )
      .execute();
  };
  return {
    find: ({ runId, callId }) =>
      store.db.selectFrom('agent_tool_call').selectAll().where('run_id', '=', runId).where('call_id', '=', callId).executeTakeFirst(),
    async pending(runId) {
      const rows = await store.db
        .selectFrom('agent_tool_call')
        .selectAll()
        .where('run_id', '=', runId)
        .where('state', '=', 'awaiting')
        .orderBy('step_index')
        .execute();
      return rows.map((row) => ({
        callId: row.call_id,
        tool: row.tool,
        arguments: readArguments(row.arguments),
        question: row.question === 'uncertain' ? 'uncertain' : 'approval',
      }));
    },
    async decide({ runId, callId }, approved) {
      const result = await store.db
        .updateTable('agent_tool_call')
        .set({ state: approved ? 'approved' : 'denied' })
        .where('run_id', '=', runId)
        .where('call_id', '=', callId)
        .where('state', '=', 'awaiting')
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    ask: (db, call, question) => put(db, call, { state: 'awaiting', question, started_ms: null }),
    markStarted: (db, call) => put(db, call, { state: 'started', question: null, started_ms: clock.nowMs() }),
    async markCompleted(db, { runId, callId }, result) {
      await db
        .updateTable('agent_tool_call')
        .set({ state: 'completed', result: JSON.stringify(result), ended_ms: clock.nowMs() })
        .where('run_id', '=', runId)
        .where('call_id', '=', callId)
        .execute();
    },
  };
}

/** Arguments as an object where the model wrote valid JSON, as its text otherwise. */
export function readArguments(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return readJson(text, 'arguments');
  } catch {
    return text;
  }
}
