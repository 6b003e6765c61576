import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import type { BatchPorts, LineRequest, RemoteAnswer, RemoteBatches } from '../ports.ts';
import { type Bench, type BenchOptions, okReply, owner, questionOf, requestOf, setUpBatches } from '../test-batches.ts';

const open: Bench[] = [];
afterEach(async () => {
  for (const bench of open.splice(0)) await bench.close();
});

interface Held {
  readonly token: string;
  readonly lines: readonly { readonly id: string; readonly body: string }[];
  ended: boolean;
  cancelled: boolean;
}

/** A provider that keeps batches, and answers when it is told to. */
function provider() {
  const held = new Map<string, Held>();
  const failures: PlatformError[] = [];
  let loses = 0;
  const remote: RemoteBatches = {
    submit: ({ token, lines }) => {
      const failure = failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      const id = `remote-${held.size}`;
      held.set(id, { token, lines, ended: false, cancelled: false });
      if (loses > 0) {
        loses -= 1;
        return Promise.reject(new PlatformError('upstream_timeout', { message: 'the answer was lost' }));
      }
      return Promise.resolve(id);
    },
    find: ({ token, exclude }) => Promise.resolve([...held].find(([id, batch]) => batch.token === token && !exclude.includes(id))?.[0]),
    look: (id) => Promise.resolve({ ended: held.get(id)?.ended === true }),
    cancel: (id) => {
      const batch = held.get(id);
      if (batch !== undefined) batch.cancelled = true;
      return Promise.resolve();
    },
    async *results(id) {
      // Not in the order of the input.
      for (const line of [...(held.get(id)?.lines ?? [])].reverse()) {
        const { q } = JSON.parse(line.body) as { q: string };
        if (q === 'silent') continue;
        yield q === 'wrong' ? { id: line.id, status: 400, body: { error: { message: 'wrong' } } } : { id: line.id, status: 200, body: { said: q } };
      }
    },
  };
  return {
    remote,
    held,
    end: () => {
      for (const batch of held.values()) batch.ended = true;
    },
    failWith: (...errors: PlatformError[]) => failures.push(...errors),
    loseAnswers: (count: number) => (loses = count),
  };
}

const deferAll: BatchPorts['invoke'] = (request) => {
  const q = questionOf(request);
  if (q.startsWith('own')) return Promise.resolve(okReply(q));
  return Promise.resolve({ api: 'api', format: 'openai-chat', request: JSON.stringify({ q }) });
};

async function setUp(vendor: ReturnType<typeof provider>, more: BenchOptions = {}) {
  const completed: { readonly question: string; readonly answer: RemoteAnswer }[] = [];
  const complete: BatchPorts['complete'] = (request: LineRequest, answer) => {
    completed.push({ question: questionOf(request), answer });
    return Promise.resolve(okReply(questionOf(request)));
  };
  const options: BenchOptions = { invoke: deferAll, complete, remote: () => vendor.remote, ...more };
  const bench = await setUpBatches(options);
  open.push(bench);
  return { bench, completed, options };
}
const lines = (...names: string[]): string => names.map((name) => requestOf(name)).join('\n');
const ids = (rows: readonly Record<string, unknown>[]): unknown[] => rows.map((row) => row['custom_id']);
/** Lets time pass until the state is reached. */
async function until(bench: Bench, reached: () => boolean | Promise<boolean>): Promise<void> {
  for (let step = 0; step < 3000; step += 1) {
    if (await reached()) return;
    await bench.clock.advance(50);
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new TypeError('the state was not reached');
}

describe('a batch that goes to a provider', () => {
  it('is handed over whole, once, and its answers stand in the order of the input', async () => {
    const vendor = provider();
    const { bench, completed } = await setUp(vendor);

    const { id } = await bench.submit(lines('a', 'b', 'c'));
    await until(bench, () => vendor.held.size === 1);
    vendor.end();
    const batch = await bench.over(id);

    expect(batch).toMatchObject({ state: 'completed', total: 3, completed: 3, failed: 0 });
    expect(ids(await bench.content(batch.outputFileId))).toEqual(['a', 'b', 'c']);
    expect(vendor.held.size).toBe(1);
    expect(completed.map(({ question }) => question)).toEqual(['c', 'b', 'a']);
    expect(JSON.parse(completed[0]?.answer.answer ?? '')).toEqual({ said: 'c' });
    expect(new Set(completed.map(({ answer }) => answer.name)).size).toBe(3);
  });

  it('calls lines of other models itself meanwhile', async () => {
    const vendor = provider();
    const { bench, completed } = await setUp(vendor);

    const { id } = await bench.submit(lines('own1', 'b', 'own2'));
    await until(bench, () => vendor.held.size === 1);

    expect(await bench.batches.get(owner.tenant, id)).toMatchObject({ state: 'in_progress', completed: 2 });
    vendor.end();
    const batch = await bench.over(id);
    expect(ids(await bench.content(batch.outputFileId))).toEqual(['own1', 'b', 'own2']);
    expect(completed).toHaveLength(1);
  });

  it('tells the errors of lines, and of lines without an answer', async () => {
    const vendor = provider();
    const { bench, completed } = await setUp(vendor);

    const { id } = await bench.submit(lines('a', 'wrong', 'silent'));
    await until(bench, () => vendor.held.size === 1);
    vendor.end();
    const batch = await bench.over(id);

    expect(batch).toMatchObject({ completed: 1, failed: 2 });
    expect(await bench.content(batch.errorFileId)).toMatchObject([
      { custom_id: 'wrong', response: { status_code: 400 } },
      { custom_id: 'silent', response: null, error: { code: 'batch_expired' } },
    ]);
    expect(completed).toHaveLength(1);
  });

  it('is not submitted twice when the answer to its submission was lost', async () => {
    const vendor = provider();
    vendor.loseAnswers(1);
    const { bench } = await setUp(vendor);

    const { id } = await bench.submit(lines('a', 'b'));
    await until(bench, () => vendor.held.size > 0);
    vendor.end();
    const batch = await bench.over(id);

    expect(batch).toMatchObject({ state: 'completed', completed: 2 });
    expect(vendor.held.size).toBe(1);
  });

  it('is not submitted twice when the process dies while it submits', async () => {
    const vendor = provider();
    let submitted = (): void => undefined;
    const there = new Promise<void>((resolve) => (submitted = resolve));
    const dying: RemoteBatches = {
      ...vendor.remote,
      submit: async (part, signal) => {
        await vendor.remote.submit(part, signal);
        submitted();
        // The provider has it; the process never hears of it.
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    };
    const { bench, options } = await setUp(vendor, { remote: () => dying });
    const { id } = await bench.submit(lines('a', 'b'));
    await until(bench, async () => vendor.held.size > 0);
    await there;
    await bench.batches.close();

    vendor.end();
    bench.restart({ ...options, remote: () => vendor.remote });
    const batch = await bench.over(id);

    expect(batch).toMatchObject({ state: 'completed', completed: 2 });
    expect(vendor.held.size).toBe(1);
  });

  it('takes what is left when the process dies while it collects', async () => {
    const vendor = provider();
    let taken = 0;
    const { bench, options, completed } = await setUp(vendor);
    const dies: BatchPorts['complete'] = (request, answer, signal) => {
      taken += 1;
      if (taken === 2) return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return options.complete?.(request, answer, signal) ?? Promise.reject(new TypeError('no way'));
    };
    await bench.batches.close();
    bench.restart({ ...options, complete: dies });
    const { id } = await bench.submit(lines('a', 'b', 'c'));
    await until(bench, () => vendor.held.size === 1);
    vendor.end();
    await until(bench, () => taken === 2);
    await bench.batches.close();

    bench.restart(options);
    const batch = await bench.over(id);

    expect(batch).toMatchObject({ state: 'completed', completed: 3 });
    expect(completed.map(({ question }) => question)).toEqual(['c', 'b', 'a']);
  });

  it('leaves the batch of somebody else that looked like its own, and submits', async () => {
    const vendor = provider();
    vendor.held.set('foreign', { token: 'x', lines: [{ id: 'x-0', body: '{"q":"theirs"}' }], ended: true, cancelled: false });
    vendor.failWith(new PlatformError('upstream_timeout', { message: 'lost on its way' }));
    const blind: RemoteBatches = { ...vendor.remote, find: ({ exclude }) => Promise.resolve(exclude.includes('foreign') ? undefined : 'foreign') };
    const { bench, completed } = await setUp(vendor, { remote: () => blind });

    const { id } = await bench.submit(lines('a'));
    await until(bench, () => vendor.held.size === 2);
    vendor.end();
    const batch = await bench.over(id);

    expect(batch).toMatchObject({ state: 'completed', completed: 1 });
    expect(completed.map(({ question }) => question)).toEqual(['a']);
  });

  it('fails its lines when the provider refuses it, and goes on when it only does not answer', async () => {
    const refusing = provider();
    refusing.failWith(new PlatformError('upstream_rejected', { message: 'no such model' }));
    const first = await setUp(refusing);
    const refused = await first.bench.over((await first.bench.submit(lines('a'))).id);
    expect(refused).toMatchObject({ state: 'completed', completed: 0, failed: 1 });
    expect(await first.bench.content(refused.errorFileId)).toMatchObject([{ error: { code: 'upstream_rejected', message: 'no such model' } }]);

    const slow = provider();
    slow.failWith(new PlatformError('upstream_unreachable', { message: 'down' }), new PlatformError('upstream_unreachable', { message: 'down' }));
    const second = await setUp(slow);
    const { id } = await second.bench.submit(lines('a'));
    await until(second.bench, () => slow.held.size === 1);
    slow.end();
    expect(await second.bench.over(id)).toMatchObject({ state: 'completed', completed: 1 });
  });

  it('is cancelled at the provider too, and keeps what was answered', async () => {
    const vendor = provider();
    const { bench } = await setUp(vendor);
    const { id } = await bench.submit(lines('a', 'silent'));
    await until(bench, () => vendor.held.size === 1);

    await bench.batches.cancel(owner.tenant, id);
    await until(bench, () => vendor.held.get('remote-0')?.cancelled === true);
    expect((await bench.batches.get(owner.tenant, id)).state).toBe('cancelling');
    vendor.end();
    const batch = await bench.over(id);

    expect(batch).toMatchObject({ state: 'cancelled', completed: 1, failed: 1 });
    expect(ids(await bench.content(batch.outputFileId))).toEqual(['a']);
  });

  it('waits while its model is not there, and ends when its time is over', async () => {
    const vendor = provider();
    const { bench } = await setUp(vendor, { remote: () => undefined, limits: { windowMs: 1000, lookMs: 60_000 } });
    const { id } = await bench.submit(lines('a'));

    const batch = await bench.over(id);

    expect(batch).toMatchObject({ state: 'expired', failed: 1 });
    expect(vendor.held.size).toBe(0);
  });

  it('asks the provider less and less often', async () => {
    const vendor = provider();
    let looks = 0;
    const counted: RemoteBatches = {
      ...vendor.remote,
      look: (id, signal) => {
        looks += 1;
        return vendor.remote.look(id, signal);
      },
    };
    const { bench } = await setUp(vendor, { remote: () => counted });
    await bench.submit(lines('a'));
    await until(bench, () => vendor.held.size === 1);

    const beforeMs = bench.clock.nowMs();
    await until(bench, () => bench.clock.nowMs() - beforeMs >= 125_000);

    // Every two seconds at first, then after a tenth of its age.
    const early = looks;
    expect(early).toBeLessThan(35);
    await until(bench, () => bench.clock.nowMs() - beforeMs >= 150_000);
    expect(looks - early).toBeLessThan(4);
  });
});
