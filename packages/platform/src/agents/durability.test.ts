import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '#time';
import {
  type Bench,
  type BenchOptions,
  createScriptedModel,
  endless,
  eventsOf,
  inTurn,
  makeAgent,
  openBench,
  openTestStore,
  PAYER,
  type Script,
  until,
  untilAbort,
} from './__fixtures__/test-kit.ts';
import type { GuardedFetch, GuardedReply } from './ports.ts';

let bench: Bench;
afterEach(() => bench.close());

async function open(script: Script, options: Omit<BenchOptions, 'model'> = {}): Promise<ReturnType<typeof createScriptedModel>> {
  const model = createScriptedModel(script);
  bench = await openBench({ model, ...options });
  return model;
}

const reply = (text: string): GuardedReply => ({
  status: 200,
  url: 'https://example.com/',
  contentType: 'text/plain',
  body: Buffer.from(text),
  truncated: false,
});

/** A fetch that writes down every call; `behave` decides about each. */
function countingFetch(
  behave: (call: number, signal: AbortSignal) => Promise<GuardedReply> = () => Promise.resolve(reply('sent')),
): GuardedFetch & { calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    fetch: (request, signal) => {
      calls.push(`${request.method} ${request.url}`);
      return behave(calls.length, signal);
    },
  };
}

const POST = { tools: [{ type: 'http', name: 'send', url: 'https://example.com/', method: 'POST' }] };
const GET = { tools: [{ type: 'http', name: 'read', url: 'https://example.com/' }] };
const send = { calls: [{ name: 'send', args: { body: '{}' } }] };
const read = { calls: [{ name: 'read', args: {} }] };

describe('a tool that needs approval', () => {
  const spec = { ...POST, approvals: ['send'] };
  const waiting = async (runId: string): Promise<void> => until(async () => (await bench.agents.get(runId))?.state === 'waiting');

  it('waits for a person, and runs once it is approved', async () => {
    const http = countingFetch();
    await open(inTurn(send, 'Sent.'), { http });
    const run = await bench.agents.start(makeAgent(spec), { input: 'Send it', ...PAYER });
    await waiting(run.id);

    expect(http.calls).toEqual([]);
    expect(await bench.agents.approvals(run.id)).toEqual([{ callId: 'call_0_0', tool: 'send', arguments: { body: '{}' }, question: 'approval' }]);
    expect((await bench.agents.steps(run.id))[1]).toMatchObject({ kind: 'tool', state: 'waiting' });

    await bench.agents.approve(run.id, 'call_0_0', true);
    const events = await eventsOf(bench.agents, run.id);

    expect(http.calls).toEqual(['POST https://example.com/']);
    expect(events.at(-1)).toMatchObject({ type: 'run-end', run: { state: 'succeeded', output: { text: 'Sent.' } } });
    expect(await bench.agents.approvals(run.id)).toEqual([]);
  });

  it('is never run after a no, and the model is told', async () => {
    const http = countingFetch();
    const model = await open(inTurn(send, 'Then not.'), { http });
    const run = await bench.agents.start(makeAgent(spec), { input: 'Send it', ...PAYER });
    await waiting(run.id);

    await bench.agents.approve(run.id, 'call_0_0', false);
    await eventsOf(bench.agents, run.id);

    expect(http.calls).toEqual([]);
    expect(String(model.requests[1]?.messages.at(-1)?.content)).toContain('a person declined this call');
    expect((await bench.agents.get(run.id))?.state).toBe('succeeded');
  });

  it('can not be decided twice, nor after the run has ended', async () => {
    const http = countingFetch();
    await open(inTurn(send, 'Then not.'), { http });
    const run = await bench.agents.start(makeAgent(spec), { input: 'Send it', ...PAYER });
    await waiting(run.id);
    await bench.agents.approve(run.id, 'call_0_0', false);
    await expect(bench.agents.approve(run.id, 'call_0_0', true)).rejects.toMatchObject({ code: 'conflict' });
    await eventsOf(bench.agents, run.id);

    await expect(bench.agents.approve(run.id, 'call_0_0', true)).rejects.toMatchObject({ code: 'conflict' });
    await expect(bench.agents.approve('run_x', 'call_0_0', true)).rejects.toMatchObject({ code: 'not_found' });
    expect(http.calls).toEqual([]);
  });

  it('waits through a restart', async () => {
    const store = await openTestStore();
    const http = countingFetch();
    await open(inTurn(send), { http, store });
    const run = await bench.agents.start(makeAgent(spec), { input: 'Send it', ...PAYER });
    await waiting(run.id);
    await bench.close();

    await open(inTurn('Sent.'), { http, store, seed: 2 });
    expect(await bench.agents.resume()).toEqual([]);
    expect((await bench.agents.approvals(run.id)).map((call) => call.callId)).toEqual(['call_0_0']);
    await bench.agents.approve(run.id, 'call_0_0', true);
    await eventsOf(bench.agents, run.id);

    expect(http.calls).toHaveLength(1);
    expect((await bench.agents.get(run.id))?.state).toBe('succeeded');
  });

  it('holds back the other calls of the same answer until all are decided', async () => {
    const http = countingFetch();
    const both = { calls: [...send.calls, ...read.calls, { name: 'send', args: { body: '{"n":2}' } }] };
    await open(inTurn(both, 'Done.'), { http });
    const agent = makeAgent({ tools: [...POST.tools, ...GET.tools], approvals: ['send'] });
    const run = await bench.agents.start(agent, { input: 'Do it', ...PAYER });
    await waiting(run.id);
    expect(http.calls).toEqual([]);

    await bench.agents.approve(run.id, 'call_0_0', true);
    expect((await bench.agents.get(run.id))?.state).toBe('waiting');
    await bench.agents.approve(run.id, 'call_0_2', false);
    await eventsOf(bench.agents, run.id);

    expect(http.calls.sort()).toEqual(['GET https://example.com/', 'POST https://example.com/']);
  });

  it('lets a waiting run be cancelled', async () => {
    const http = countingFetch();
    await open(inTurn(send, 'Sent.'), { http });
    const run = await bench.agents.start(makeAgent(spec), { input: 'Send it', ...PAYER });
    await waiting(run.id);

    expect((await bench.agents.cancel(run.id)).state).toBe('cancelled');
    await expect(bench.agents.approve(run.id, 'call_0_0', true)).rejects.toMatchObject({ code: 'conflict' });
    expect(http.calls).toEqual([]);
  });
});

describe('cancelling a run', () => {
  it('reaches the model call at once', async () => {
    let reason: unknown;
    await open((_, __, signal) => {
      signal.addEventListener('abort', () => {
        reason = signal.reason;
      });
      return endless(signal, 'word ');
    });
    const run = await bench.agents.start(makeAgent(), { input: 'Q', ...PAYER });
    const events = eventsOf(bench.agents, run.id);
    await until(async () => (await bench.agents.steps(run.id)).length === 1);

    const cancelled = await bench.agents.cancel(run.id);

    expect(cancelled).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } });
    expect(reason).toMatchObject({ code: 'cancelled' });
    expect((await events).at(-1)?.type).toBe('run-end');
    expect((await bench.agents.steps(run.id))[0]?.state).toBe('cancelled');
  });

  it('ends a model call that does not listen', async () => {
    await open(() => new Promise(() => undefined));
    const run = await bench.agents.start(makeAgent(), { input: 'Q', ...PAYER });
    await until(async () => (await bench.agents.steps(run.id)).length === 1);

    expect((await bench.agents.cancel(run.id)).state).toBe('cancelled');
  });

  it('ends a tool call that does not listen', async () => {
    const http = countingFetch(() => new Promise(() => undefined));
    await open(inTurn(read, 'x'), { http });
    const run = await bench.agents.start(makeAgent(GET), { input: 'Q', ...PAYER });
    await until(() => http.calls.length === 1);

    expect((await bench.agents.cancel(run.id)).state).toBe('cancelled');
  });

  it('leaves a run alone that has ended, and says when there is none', async () => {
    await open(inTurn('Done.'));
    const run = await bench.agents.start(makeAgent(), { input: 'Q', ...PAYER });
    await eventsOf(bench.agents, run.id);

    expect((await bench.agents.cancel(run.id)).state).toBe('succeeded');
    await expect(bench.agents.cancel('run_x')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('reaches a run of another process with its next sign of life', async () => {
    const store = await openTestStore();
    const clock = createFakeClock();
    const other = await openBench({ model: createScriptedModel((_, __, signal) => endless(signal, 'word')), store, clock });
    await open(inTurn('x'), { store, clock, seed: 2 });
    const run = await other.agents.start(makeAgent(), { input: 'Q', ...PAYER });
    await until(async () => (await other.agents.steps(run.id)).length === 1);

    await bench.agents.cancel(run.id);
    expect((await bench.agents.get(run.id))?.state).toBe('running');
    await clock.advance(5_001);
    await until(async () => (await bench.agents.get(run.id))?.state === 'cancelled');
    await other.close();
  });
});

describe('the timeout of an agent', () => {
  it('ends a run that takes too long', async () => {
    await open((_, __, signal) => endless(signal, 'word'));
    const run = await bench.agents.start(makeAgent({ timeout: '30s' }), { input: 'Q', ...PAYER });
    await until(async () => (await bench.agents.steps(run.id)).length === 1);

    await bench.clock.advance(30_001);
    await eventsOf(bench.agents, run.id);

    expect((await bench.agents.get(run.id))?.error).toEqual({ code: 'run_timeout', message: 'the agent "guide" took longer than its timeout of 30s' });
    expect(bench.clock.pending()).toBe(0);
  });

  it('does not count the time that a person takes', async () => {
    const http = countingFetch();
    await open(inTurn(send, 'Sent.'), { http });
    const run = await bench.agents.start(makeAgent({ ...POST, approvals: ['send'], timeout: '30s' }), { input: 'Send it', ...PAYER });
    await until(async () => (await bench.agents.get(run.id))?.state === 'waiting');

    await bench.clock.advance(3_600_000);
    await bench.agents.approve(run.id, 'call_0_0', true);
    await eventsOf(bench.agents, run.id);

    expect((await bench.agents.get(run.id))?.state).toBe('succeeded');
  });

  it('goes on counting after a restart', async () => {
    const store = await openTestStore();
    const clock = createFakeClock();
    const script: Script = (_, __, signal) => endless(signal, 'word');
    await open(script, { store, clock });
    const run = await bench.agents.start(makeAgent({ timeout: '30s' }), { input: 'Q', ...PAYER });
    await until(async () => (await bench.agents.steps(run.id)).length === 1);
    await clock.advance(20_000);
    await bench.agents.close({ graceMs: 0 });

    await open(script, { store, clock, seed: 2 });
    await bench.agents.resume();
    await clock.advance(11_000);
    await until(async () => (await bench.agents.get(run.id))?.state === 'failed');

    expect((await bench.agents.get(run.id))?.error?.code).toBe('run_timeout');
  });
});

describe('stopping and going on', () => {
  it('gives a run up at close, and finishes it after the next start without repeating what was done', async () => {
    const store = await openTestStore();
    const http = countingFetch();
    const first = await open((_, call, signal) => (call === 0 ? send : endless(signal, 'half an')), { store, http });
    const run = await bench.agents.start(makeAgent(POST), { input: 'Send it', ...PAYER });
    await until(() => first.requests.length === 2);
    await bench.agents.close({ graceMs: 0 });
    expect((await bench.agents.get(run.id))?.state).toBe('queued');
    await expect(bench.agents.start(makeAgent(), { input: 'x', ...PAYER })).rejects.toMatchObject({ code: 'shutting_down' });

    const second = await open(inTurn('Sent.'), { store, http, seed: 2 });
    expect(await bench.agents.resume()).toEqual([run.id]);
    const events = await eventsOf(bench.agents, run.id);

    expect(http.calls).toHaveLength(1);
    expect(second.requests).toHaveLength(1);
    expect(second.requests[0]?.messages.map((message) => message.role)).toEqual(['system', 'user', 'assistant', 'tool']);
    expect(events.at(-1)).toMatchObject({ type: 'run-end', run: { state: 'succeeded', output: { text: 'Sent.', modelCalls: 2 } } });
  });

  it('lets a tool call finish before it closes', async () => {
    const store = await openTestStore();
    let finish = (): void => undefined;
    const http = countingFetch(
      () =>
        new Promise((resolve) => {
          finish = () => resolve(reply('sent'));
        }),
    );
    await open(inTurn(send), { store, http });
    const run = await bench.agents.start(makeAgent(POST), { input: 'Send it', ...PAYER });
    await until(() => http.calls.length === 1);

    const closing = bench.agents.close();
    finish();
    await closing;
    expect((await bench.agents.steps(run.id))[1]?.state).toBe('succeeded');

    await open(inTurn('Sent.'), { store, http, seed: 2 });
    await bench.agents.resume();
    await eventsOf(bench.agents, run.id);
    expect(http.calls).toHaveLength(1);
  });

  it('leaves a run to its holder while the lease runs, and takes it when it has run out', async () => {
    const store = await openTestStore();
    const dead = createFakeClock();
    const first = await openBench({ model: createScriptedModel((_, __, signal) => endless(signal, 'word')), store, clock: dead });
    const run = await first.agents.start(makeAgent(), { input: 'Q', ...PAYER });
    await until(async () => (await first.agents.steps(run.id)).length === 1);

    // The first process gives no sign of life any more: its clock stands still.
    await open(inTurn('Done.'), { store, clock: createFakeClock(dead.nowMs()), seed: 2 });
    expect(await bench.agents.resume()).toEqual([]);
    await bench.clock.advance(15_001);
    await until(async () => (await bench.agents.get(run.id))?.state === 'succeeded');

    // What the dead process still writes is refused.
    await first.agents.close({ graceMs: 0 });
    expect((await bench.agents.get(run.id))?.output).toMatchObject({ text: 'Done.' });
    expect((await bench.agents.steps(run.id)).map((step) => step.state)).toEqual(['succeeded', 'succeeded']);
  });

  it('stops working on a run that another process has taken', async () => {
    const store = await openTestStore();
    const clock = createFakeClock();
    let lost: unknown;
    const model = createScriptedModel((_, __, signal) => {
      signal.addEventListener('abort', () => {
        lost = signal.reason;
      });
      return endless(signal, 'word');
    });
    const first = await openBench({ model, store, clock });
    const run = await first.agents.start(makeAgent(), { input: 'Q', ...PAYER });
    await until(async () => (await first.agents.steps(run.id)).length === 1);

    await open(inTurn('Done.'), { store, clock, seed: 2 });
    expect(await bench.agents.resume({ takeOver: true })).toEqual([run.id]);
    await eventsOf(bench.agents, run.id);
    await clock.advance(5_001);
    await until(() => lost !== undefined);

    expect(lost).toMatchObject({ code: 'lease_lost' });
    await first.agents.close({ graceMs: 0 });
    expect((await bench.agents.get(run.id))?.state).toBe('succeeded');
  });

  it('does not touch runs that have ended or wait', async () => {
    const store = await openTestStore();
    await open(inTurn('Done.'), { store });
    const run = await bench.agents.start(makeAgent(), { input: 'Q', ...PAYER });
    await eventsOf(bench.agents, run.id);
    await bench.close();

    const model = await open(inTurn('Again.'), { store, seed: 2 });
    expect(await bench.agents.resume({ takeOver: true })).toEqual([]);
    expect(model.requests).toEqual([]);
  });
});

describe('a tool call that a crash interrupted', () => {
  /** Leaves a run behind whose process died inside the tool. */
  async function crashInTool(
    spec: Record<string, unknown>,
    call: object,
  ): Promise<{ store: Awaited<ReturnType<typeof openTestStore>>; runId: string; http: ReturnType<typeof countingFetch> }> {
    const store = await openTestStore();
    const clock = createFakeClock();
    const http = countingFetch((count, signal) => (count === 1 ? untilAbort(signal) : Promise.resolve(reply('sent'))));
    const dead = await openBench({ model: createScriptedModel(inTurn(call as never)), store, clock, http });
    const run = await dead.agents.start(makeAgent(spec), { input: 'Do it', ...PAYER });
    await until(() => http.calls.length === 1);
    return { store, runId: run.id, http };
  }

  it('is made again when the tool only reads', async () => {
    const { store, runId, http } = await crashInTool(GET, read);

    await open(inTurn('Read.'), { store, http, seed: 2 });
    await bench.agents.resume({ takeOver: true });
    await eventsOf(bench.agents, runId);

    expect(http.calls).toHaveLength(2);
    expect((await bench.agents.get(runId))?.state).toBe('succeeded');
  });

  it('is not made again when it may have changed something: a person is asked', async () => {
    const { store, runId, http } = await crashInTool(POST, send);

    await open(inTurn('Sent.'), { store, http, seed: 2 });
    await bench.agents.resume({ takeOver: true });
    await until(async () => (await bench.agents.get(runId))?.state === 'waiting');

    expect(http.calls).toHaveLength(1);
    expect(await bench.agents.approvals(runId)).toMatchObject([{ callId: 'call_0_0', question: 'uncertain' }]);
  });

  it('is made again when the person says so', async () => {
    const { store, runId, http } = await crashInTool(POST, send);
    await open(inTurn('Sent.'), { store, http, seed: 2 });
    await bench.agents.resume({ takeOver: true });
    await until(async () => (await bench.agents.get(runId))?.state === 'waiting');

    await bench.agents.approve(runId, 'call_0_0', true);
    await eventsOf(bench.agents, runId);

    expect(http.calls).toHaveLength(2);
  });

  it('is left when the person says no, and the model hears that its effect is unknown', async () => {
    const { store, runId, http } = await crashInTool(POST, send);
    const model = await open(inTurn('I can not tell.'), { store, http, seed: 2 });
    await bench.agents.resume({ takeOver: true });
    await until(async () => (await bench.agents.get(runId))?.state === 'waiting');

    await bench.agents.approve(runId, 'call_0_0', false);
    await eventsOf(bench.agents, runId);

    expect(http.calls).toHaveLength(1);
    expect(String(model.requests[0]?.messages.at(-1)?.content)).toContain('whether it took effect is unknown');
  });
});

describe('a model that fails', () => {
  it('fails the run with the code of the failure', async () => {
    await open(() => Promise.reject(new PlatformError('upstream_timeout', { message: 'the model "scripted" did not answer in 30 s' })));

    const run = await bench.agents.start(makeAgent(), { input: 'Q', ...PAYER });
    await eventsOf(bench.agents, run.id);

    expect((await bench.agents.get(run.id))?.error).toEqual({ code: 'upstream_timeout', message: 'the model "scripted" did not answer in 30 s' });
    expect((await bench.agents.steps(run.id))[0]).toMatchObject({ state: 'failed', error: { code: 'upstream_timeout' } });
  });

  it('fails the run without telling what an unknown error says', async () => {
    await open(() => Promise.reject(new TypeError('token sk-123')));

    const run = await bench.agents.start(makeAgent(), { input: 'Q', ...PAYER });
    await eventsOf(bench.agents, run.id);

    expect(JSON.stringify([await bench.agents.get(run.id), await bench.agents.steps(run.id)])).not.toContain('sk-123');
    expect((await bench.agents.get(run.id))?.state).toBe('failed');
  });

  it('keeps the half of an answer that was cut from being taken for an answer', async () => {
    await open(async function* () {
      yield { content: 'Half an ans' };
      await Promise.resolve();
      throw new PlatformError('upstream_cut', { message: 'cut' });
    } as unknown as Script);

    const run = await bench.agents.start(makeAgent(), { input: 'Q', ...PAYER });
    await eventsOf(bench.agents, run.id);

    const ended = await bench.agents.get(run.id);
    expect(ended).toMatchObject({ state: 'failed', error: { code: 'upstream_cut' } });
    expect(ended?.output).toBeUndefined();
  });
});
