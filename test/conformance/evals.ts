import { PlatformError } from '@maru/api/errors';
import type { EvaluationSpec } from '@maru/api/resources';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CheckedRow, createEvals, type Evals, type EvaluationPlan, type Target, type TargetReply } from '../../packages/platform/src/evals/index.ts';
import { migrateStore, type Store } from '../../packages/platform/src/store/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createFakeClock, createSeededIds, type FakeClock } from '../../packages/platform/src/time/index.ts';

export interface EvalsStore {
  readonly store: Store;
  /** Another process's view of the same database. */
  reopen(): Promise<Store>;
  remove(): Promise<void>;
}

const planOf = (spec: Partial<EvaluationSpec> = {}, name = 'guide-answers'): EvaluationPlan => ({
  name,
  spec: {
    dataset: 'questions',
    evaluators: [
      { type: 'contains', ignoreCase: true },
      { type: 'hit', k: 3 },
    ],
    thresholds: {},
    concurrency: 2,
    ...spec,
  },
  target: 'agent/guide',
  tenant: 'default',
});

const rowsOf = (count: number): readonly CheckedRow[] =>
  Array.from({ length: count }, (_, index) => ({ id: `q${index}`, input: `question ${index}`, expected: `answer ${index}`, relevant: [`doc-${index}.md`] }));

const replyTo = (input: string): TargetReply => {
  const number = input.replace('question ', '');
  return {
    answer: `It is answer ${number}.`,
    passages: [{ document: `docs/doc-${number}.md`, heading: 'Intro', text: `text ${number}` }],
    traceId: `trace-${number}`,
    usage: { inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, reasoningTokens: 0 },
    costNanoUsd: 10,
  };
};

/** A target that answers right and remembers what it was asked. */
function createTarget(
  answer: (input: string, signal: AbortSignal) => Promise<TargetReply> = (input) => Promise.resolve(replyTo(input)),
): Target & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    ask: (input, { signal }) => {
      asked.push(input);
      return answer(input, signal);
    },
  };
}

/** What the room `evals` promises on every database. */
export function describeEvals(name: string, open: () => Promise<EvalsStore>): void {
  describe(`evaluations on ${name}`, () => {
    let opened: EvalsStore;
    let clock: FakeClock;
    let evals: Evals;
    const scores: object[] = [];
    const createOn = (store: Store, seed = 1, itsClock = clock): Evals =>
      createEvals({ store, clock: itsClock, ids: createSeededIds(seed), log: silentLog, scores: { addScore: (score) => Promise.resolve(scores.push(score)) } });

    beforeEach(async () => {
      opened = await open();
      await migrateStore(opened.store);
      clock = createFakeClock();
      scores.length = 0;
      evals = createOn(opened.store);
    });
    afterEach(async () => {
      await evals.close();
      await opened.remove();
    });

    it('asks every row once and passes when every mean reaches its threshold', async () => {
      const target = createTarget();
      const progress: number[] = [];

      const run = await evals.run(
        planOf({ thresholds: { hit: 1, contains: 0.9 } }),
        { rows: rowsOf(5), target },
        { onProgress: ({ rowsDone }) => progress.push(rowsDone) },
      );

      expect(run).toMatchObject({
        state: 'succeeded',
        verdict: 'pass',
        reasons: [],
        rows: 5,
        rowsDone: 5,
        rowsFailed: 0,
        means: { contains: 1, 'hit@3': 1 },
        costNanoUsd: 50,
      });
      expect([...target.asked].sort()).toEqual(rowsOf(5).map((row) => row.input));
      expect(progress).toEqual([1, 2, 3, 4, 5]);
      expect(scores).toHaveLength(10);
      expect(scores).toContainEqual(expect.objectContaining({ name: 'hit@3', value: 1, traceId: 'trace-3' }));
    });

    it('shows each row with its answer, passages, scores and trace', async () => {
      const run = await evals.run(planOf(), { rows: rowsOf(1), target: createTarget() });

      expect((await evals.get(run.id))?.rows).toEqual([
        {
          row: 'q0',
          input: 'question 0',
          expected: 'answer 0',
          answer: 'It is answer 0.',
          passages: [{ citation: 'docs/doc-0.md § Intro', document: 'docs/doc-0.md', text: 'text 0' }],
          scores: { contains: { value: 1, reason: null }, 'hit@3': { value: 1, reason: null } },
          traceId: 'trace-0',
          durationMs: 0,
          error: null,
        },
      ]);
      expect(run.verdict).toBeNull();
    });

    it('goes on after a row that has no answer, and does not pass', async () => {
      const target = createTarget((input) =>
        input.endsWith('1') ? Promise.reject(new PlatformError('agent_loop', { message: 'too many steps' })) : Promise.resolve(replyTo(input)),
      );

      const run = await evals.run(planOf({ thresholds: { hit: 0.5 } }), { rows: rowsOf(3), target });

      expect(run).toMatchObject({
        state: 'succeeded',
        verdict: 'fail',
        reasons: ['1 of 3 rows have no answer'],
        rowsDone: 3,
        rowsFailed: 1,
        means: { 'hit@3': 1 },
      });
      expect((await evals.get(run.id))?.rows[1]).toMatchObject({ answer: null, scores: {}, error: { code: 'agent_loop', message: 'too many steps' } });
    });

    it('asks again when the target is overloaded for a moment', async () => {
      let calls = 0;
      const target = createTarget((input) => {
        calls += 1;
        return calls === 1 ? Promise.reject(new PlatformError('overloaded', { message: 'later', retryAfterS: 3 })) : Promise.resolve(replyTo(input));
      });
      const { finished } = await evals.start(planOf(), { rows: rowsOf(1), target });
      await expect
        .poll(async () => {
          await clock.advance(1_000);
          return calls;
        })
        .toBe(2);

      expect(await finished).toMatchObject({ rowsFailed: 0 });
    });

    it('after a kill asks no finished row again, and no answered one', async () => {
      let answers = 0;
      const killed = createTarget((input, signal) => {
        answers += 1;
        return answers <= 4
          ? Promise.resolve(replyTo(input))
          : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
      });
      // The clock of the killed process stands still: it is heard of no more.
      const dead = createOn(opened.store, 1, createFakeClock());
      const first = await dead.start(planOf({ concurrency: 1 }), { rows: rowsOf(10), target: killed });
      await expect.poll(async () => (await evals.get(first.run.id))?.run.rowsDone, { interval: 5 }).toBe(4);
      // What kill -9 leaves behind: a judged row, and one that was answered but not judged yet.
      await opened.store.db.updateTable('evaluation_row').set({ state: 'answered', scores: null }).where('position', '=', 3).execute();

      await clock.advance(60_000);
      const next = createOn(await opened.reopen(), 2);
      const rest = createTarget();
      expect(await next.unfinished()).toMatchObject([{ id: first.run.id, state: 'running', rowsDone: 3 }]);
      const run = await next.run(planOf({ concurrency: 1 }), { rows: [], target: rest }, { runId: first.run.id });

      expect(run).toMatchObject({ state: 'succeeded', rows: 10, rowsDone: 10, means: { contains: 1, 'hit@3': 1 } });
      expect(rest.asked).toEqual(
        rowsOf(10)
          .slice(4)
          .map((row) => row.input),
      );
      expect(await next.unfinished()).toEqual([]);
      await dead.close();
      await next.close();
    });

    it('only reads a run that is finished', async () => {
      const run = await evals.run(planOf(), { rows: rowsOf(2), target: createTarget() });
      const target = createTarget();

      expect(await evals.run(planOf(), { rows: rowsOf(2), target }, { runId: run.id })).toEqual(run);
      expect(target.asked).toEqual([]);
    });

    it('stays open over a shutdown and goes on at once afterwards', async () => {
      const hanging = createTarget((_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))));
      const { run, finished } = await evals.start(planOf(), { rows: rowsOf(3), target: hanging });
      await expect.poll(() => hanging.asked.length, { interval: 5 }).toBe(2);

      await evals.close();

      await expect(finished).rejects.toMatchObject({ code: 'shutting_down' });
      await expect(evals.start(planOf(), { rows: rowsOf(1), target: hanging })).rejects.toMatchObject({ code: 'shutting_down' });
      evals = createOn(opened.store, 2);
      expect(await evals.run(planOf(), { rows: rowsOf(3), target: createTarget() }, { runId: run.id })).toMatchObject({ state: 'succeeded', rowsDone: 3 });
    });

    it('is cancelled from outside, and can be taken up again', async () => {
      const hanging = createTarget((_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))));
      const { run, finished } = await evals.start(planOf(), { rows: rowsOf(2), target: hanging });
      await expect.poll(() => hanging.asked.length, { interval: 5 }).toBe(2);

      expect(evals.cancel(run.id)).toBe(true);

      await expect(finished).rejects.toMatchObject({ code: 'cancelled' });
      expect((await evals.get(run.id))?.run).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' }, rowsDone: 0 });
      expect(evals.cancel(run.id)).toBe(false);
      expect(await evals.run(planOf(), { rows: [], target: createTarget() }, { runId: run.id })).toMatchObject({ state: 'succeeded', error: null });
    });

    it('is cancelled by the signal of its caller', async () => {
      const abort = new AbortController();
      const hanging = createTarget((_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))));
      const { finished } = await evals.start(planOf(), { rows: rowsOf(1), target: hanging }, { signal: abort.signal });
      await expect.poll(() => hanging.asked.length, { interval: 5 }).toBe(1);

      abort.abort();

      await expect(finished).rejects.toMatchObject({ code: 'cancelled' });
    });

    it('is refused twice at once, under another evaluation, and without rows', async () => {
      const hanging = createTarget((_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))));
      const finished = await evals.run(planOf(), { rows: rowsOf(1), target: createTarget() });
      const { run } = await evals.start(planOf(), { rows: rowsOf(1), target: hanging });

      await expect(evals.start(planOf(), { rows: rowsOf(1), target: hanging }, { runId: run.id })).rejects.toMatchObject({ code: 'conflict' });
      await expect(evals.run(planOf({}, 'another'), { rows: rowsOf(1), target: hanging }, { runId: finished.id })).rejects.toMatchObject({ code: 'conflict' });
      await expect(evals.run(planOf(), { rows: [], target: hanging })).rejects.toMatchObject({ code: 'invalid_request' });
      await expect(evals.run(planOf({ evaluators: [{ type: 'faithfulness', judge: 'j' }] }), { rows: rowsOf(1), target: hanging })).rejects.toMatchObject({
        code: 'invalid_request',
      });
      expect((await evals.list({})).items).toHaveLength(2);
    });

    it('leaves the score missing when the judge fails, and says why', async () => {
      const judges = () => ({ ask: () => Promise.reject(new PlatformError('upstream_timeout', { message: 'no answer in 60 s' })) });

      const run = await evals.run(planOf({ evaluators: [{ type: 'faithfulness', judge: 'j' }], thresholds: { faithfulness: 0.5 } }), {
        rows: rowsOf(2),
        target: createTarget(),
        judges,
      });

      expect(run).toMatchObject({ state: 'succeeded', verdict: 'fail', means: { faithfulness: null }, reasons: ['faithfulness has no score on any row'] });
      expect((await evals.get(run.id))?.rows[0]?.scores).toEqual({ faithfulness: { value: null, reason: 'upstream_timeout: no answer in 60 s' } });
      expect(scores).toEqual([]);
    });

    it('gives the work up when another process has taken the run over, and undoes nothing of it', async () => {
      let answer: (reply: TargetReply) => void = () => undefined;
      const slow = createTarget((input) => new Promise((resolve) => (answer = () => resolve(replyTo(input)))));
      const { run, finished } = await evals.start(planOf(), { rows: rowsOf(1), target: slow });
      await expect.poll(() => slow.asked.length, { interval: 5 }).toBe(1);
      await opened.store.db.updateTable('evaluation_run').set({ heartbeat_ms: 0 }).execute();
      const other = createOn(opened.store, 7);
      await other.run(planOf(), { rows: [], target: createTarget() }, { runId: run.id });

      answer(replyTo('question 0'));

      await expect(finished).rejects.toMatchObject({ code: 'lease_lost' });
      expect((await other.get(run.id))?.run).toMatchObject({ state: 'succeeded', error: null });
      await other.close();
    });

    it('lists runs of an evaluation, newest first, page by page', async () => {
      const made: string[] = [];
      for (let index = 0; index < 5; index += 1) {
        if (index > 2) await clock.advance(10);
        made.push((await evals.run(planOf(), { rows: rowsOf(1), target: createTarget() })).id);
      }
      await evals.run(planOf({}, 'another'), { rows: rowsOf(1), target: createTarget() });

      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<Evals['list']>> = await evals.list({ evaluation: 'guide-answers', limit: 2, ...(cursor === null ? {} : { cursor }) });
        seen.push(...page.items.map((run) => run.id));
        cursor = page.nextCursor;
      } while (cursor !== null);

      expect(seen).toEqual([...made].reverse());
      await expect(evals.list({ cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_request' });
      await expect(evals.list({ limit: 0 })).rejects.toMatchObject({ code: 'invalid_request' });
      expect(await evals.get('unknown')).toBeUndefined();
    });
  });
}
