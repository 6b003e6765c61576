import { PlatformError } from '@maru/api/errors';
import { afterEach, describe, expect, it } from 'vitest';
import type { FilePurpose } from './file-info.ts';
import { type Bench, type BenchOptions, okReply, owner, questionOf, requestOf, setUpBatches } from './test-batches.ts';

const open: Bench[] = [];
const setUp = async (options?: BenchOptions): Promise<Bench> => {
  const bench = await setUpBatches(options);
  open.push(bench);
  return bench;
};
afterEach(async () => {
  for (const bench of open.splice(0)) await bench.close();
});

const lines = (...names: string[]): string => names.map((name) => requestOf(name)).join('\n');
const ids = (rows: readonly Record<string, unknown>[]): unknown[] => rows.map((row) => row['custom_id']);

describe('a batch', () => {
  it('answers every line, in the order of the file', async () => {
    let turn = 0;
    const bench = await setUp({
      invoke: async (request) => {
        turn += 1;
        // Later lines end first.
        for (let wait = 10 - turn; wait > 0; wait -= 1) await Promise.resolve();
        return okReply(questionOf(request));
      },
    });

    const batch = await bench.over((await bench.submit(`${lines('a', 'b', 'c', 'd')}\n\n`)).id);

    expect(batch).toMatchObject({ state: 'completed', total: 4, completed: 4, failed: 0, errorFileId: null });
    const rows = await bench.content(batch.outputFileId);
    expect(ids(rows)).toEqual(['a', 'b', 'c', 'd']);
    expect(rows[1]).toMatchObject({ response: { status_code: 200, request_id: 'req_b', body: { choices: [{ message: { content: 'b' } }] } }, error: null });
  });

  it('puts lines that fail into the error file, and the others not', async () => {
    const bench = await setUp({
      invoke: (request) => {
        const question = questionOf(request);
        if (question === 'bad') return Promise.resolve({ status: 400, requestId: 'r', body: '{"error":{"code":"invalid_request"}}' });
        if (question === 'gone') return Promise.reject(new PlatformError('model_not_found', { message: 'no model' }));
        return Promise.resolve(okReply(question));
      },
    });

    const batch = await bench.over((await bench.submit(lines('a', 'bad', 'b', 'gone'))).id);

    expect(batch).toMatchObject({ state: 'completed', completed: 2, failed: 2 });
    expect(ids(await bench.content(batch.outputFileId))).toEqual(['a', 'b']);
    expect(await bench.content(batch.errorFileId)).toMatchObject([
      { custom_id: 'bad', response: { status_code: 400 }, error: null },
      { custom_id: 'gone', response: null, error: { code: 'model_not_found' } },
    ]);
  });

  it('tries again what may pass, but not a spent budget', async () => {
    const tries = new Map<string, number>();
    const bench = await setUp({
      limits: { maxTries: 3 },
      invoke: (request) => {
        const question = questionOf(request);
        const count = (tries.get(question) ?? 0) + 1;
        tries.set(question, count);
        if (question === 'broke') return Promise.resolve({ status: 429, requestId: 'r', body: '{"error":{"code":"quota_exceeded"}}' });
        if (question === 'busy' && count < 3) return Promise.resolve({ status: 429, requestId: 'r', body: '{"error":{"code":"rate_limited"}}' });
        if (question === 'never') return Promise.reject(new PlatformError('upstream_unreachable', { message: 'nobody' }));
        return Promise.resolve(okReply(question));
      },
    });

    const batch = await bench.over((await bench.submit(lines('busy', 'broke', 'never'))).id);

    expect(batch).toMatchObject({ completed: 1, failed: 2 });
    expect(Object.fromEntries(tries)).toEqual({ busy: 3, broke: 1, never: 3 });
  });

  it.each([
    ['no JSON', 'nonsense', 'invalid_json_line', 1],
    ['no object', '[1]', 'invalid_json_line', 1],
    ['no custom id', '{"url":"/v1/chat/completions","body":{"model":"m"}}', 'missing_required_parameter', 1],
    ['another endpoint', requestOf('a').replace('/v1/chat/completions', '/v1/embeddings'), 'mismatched_endpoint', 1],
    ['another method', requestOf('a').replace('"POST"', '"GET"'), 'invalid_method', 1],
    ['a stream', requestOf('a', { stream: true }), 'invalid_parameter', 1],
    ['no model', requestOf('a', { model: '' }), 'missing_required_parameter', 1],
    ['the same id twice', lines('a', 'b', 'a'), 'duplicate_custom_id', 3],
    ['nothing', '\n\n', 'empty_file', null],
    ['too many lines', lines('a', 'b', 'c', 'd', 'e', 'f'), 'too_many_tasks', 6],
    ['a line without end', requestOf('x'.repeat(3000)), 'line_too_long', null],
  ])('fails as a whole, before a line has run, with %s', async (_what, text, code, line) => {
    let runs = 0;
    const bench = await setUp({
      limits: { maxLines: 5, maxLineBytes: 2000 },
      invoke: () => {
        runs += 1;
        return Promise.resolve(okReply('x'));
      },
    });

    const batch = await bench.over((await bench.submit(text)).id);

    expect(batch).toMatchObject({ state: 'failed', problems: [{ code, line }] });
    expect(runs).toBe(0);
  });

  it('is refused with a request that makes no sense', async () => {
    const bench = await setUp();
    const id = await bench.upload(lines('a'));
    const make = (more: object) => bench.batches.create(owner, { input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h', ...more });

    await expect(make({ endpoint: '/v1/other' })).rejects.toMatchObject({ code: 'invalid_request', details: { param: 'endpoint' } });
    await expect(make({ completion_window: '1h' })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(make({ input_file_id: 'file-none' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(make({ input_file_id: '../etc/passwd' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('belongs to its tenant', async () => {
    const bench = await setUp();
    const batch = await bench.over((await bench.submit(lines('a'))).id);

    await expect(bench.batches.get('team-b', batch.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(bench.batches.cancel('team-b', batch.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(bench.files.get('team-b', batch.outputFileId ?? '')).rejects.toMatchObject({ code: 'not_found' });
    const file = await bench.upload(lines('a'));
    await expect(
      bench.batches.create({ tenant: 'team-b', keyId: 'k' }, { input_file_id: file, endpoint: '/v1/chat/completions', completion_window: '24h' }),
    ).rejects.toMatchObject({ code: 'not_found' });
    expect((await bench.batches.list('team-b', { limit: 10 })).batches).toEqual([]);
  });

  it('is seen and cancelled by the operator, whoever it belongs to', async () => {
    const bench = await setUp({ spare: () => 0 });
    const { id } = await bench.submit(lines('a'));
    const other = await bench.submit(lines('b'), 'team-b');

    const first = await bench.batches.list(undefined, { limit: 1 });
    const second = await bench.batches.list(undefined, { limit: 1, after: first.batches[0]?.id });

    expect([...first.batches, ...second.batches].map((batch) => batch.tenant).sort()).toEqual(['team-b', owner.tenant].sort());
    expect([first.more, second.more]).toEqual([true, false]);
    expect((await bench.batches.cancel(undefined, other.id)).state).toBe('cancelling');
    expect((await bench.over(other.id, 'team-b')).state).toBe('cancelled');
    expect((await bench.batches.get(owner.tenant, id)).state).not.toBe('cancelled');
  });

  it('keeps what was answered when it is cancelled, and names the rest', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const bench = await setUp({
      limits: { maxParallel: 1 },
      invoke: async (request) => {
        if (questionOf(request) === 'b') await held;
        return okReply(questionOf(request));
      },
    });
    const { id } = await bench.submit(lines('a', 'b', 'c'));
    while ((await bench.batches.get(owner.tenant, id)).completed < 1) await bench.clock.advance(50);

    expect((await bench.batches.cancel(owner.tenant, id)).state).toBe('cancelling');
    release();
    const batch = await bench.over(id);

    expect(batch).toMatchObject({ state: 'cancelled', completed: 2, failed: 1 });
    expect(await bench.content(batch.errorFileId)).toMatchObject([{ custom_id: 'c', error: { code: 'batch_cancelled' } }]);
    await expect(bench.batches.cancel(owner.tenant, id)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('ends when its time is over, with what there is', async () => {
    const bench = await setUp({ limits: { windowMs: 60_000 }, spare: () => (bench.clock.nowMs() < startMs + 10_000 ? 0 : 0) });
    const startMs = bench.clock.nowMs();
    const { id } = await bench.submit(lines('a', 'b'));
    await bench.clock.advance(61_000);

    const batch = await bench.over(id);

    expect(batch).toMatchObject({ state: 'expired', completed: 0, failed: 2 });
    expect(await bench.content(batch.errorFileId)).toMatchObject([{ error: { code: 'batch_expired' } }, { error: { code: 'batch_expired' } }]);
  });

  it('runs only in the capacity that is left over', async () => {
    let spare = 0;
    let most = 0;
    let running = 0;
    const bench = await setUp({
      spare: () => spare - running,
      invoke: async (request) => {
        running += 1;
        most = Math.max(most, running);
        await Promise.resolve();
        running -= 1;
        return okReply(questionOf(request));
      },
    });
    const { id } = await bench.submit(lines(...'abcdefgh'));
    await bench.clock.advance(5000);
    expect((await bench.batches.get(owner.tenant, id)).completed).toBe(0);

    spare = 2;
    const batch = await bench.over(id);

    expect(batch.completed).toBe(8);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('does not let a large batch of one tenant hold up another one', async () => {
    const order: string[] = [];
    let spare = 0;
    const bench = await setUp({
      limits: { maxParallel: 2 },
      spare: () => spare,
      invoke: (request) => {
        order.push(request.tenant);
        return Promise.resolve(okReply(questionOf(request)));
      },
    });
    const large = await bench.submit(lines(...Array.from({ length: 60 }, (_, index) => `l${index}`)), 'large');
    const small = await bench.submit(lines('s1', 's2', 's3'), 'small');
    while ((await bench.batches.get('small', small.id)).state !== 'in_progress') await bench.clock.advance(50);
    await bench.clock.advance(2000);

    spare = 2;
    await bench.over(small.id, 'small');
    await bench.over(large.id, 'large');

    expect(order).toHaveLength(63);
    expect(order.lastIndexOf('small')).toBeLessThan(10);
  });
});

describe('a batch over the end of its process', () => {
  it('goes on where it was: nothing is lost, and nothing that was answered runs again', async () => {
    const runs = new Map<string, number>();
    const dying = await setUp({
      limits: { maxParallel: 2 },
      invoke: async (request, signal) => {
        const question = questionOf(request);
        runs.set(question, (runs.get(question) ?? 0) + 1);
        if (runs.size > 4) await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
        return okReply(question);
      },
    });
    const names = Array.from({ length: 10 }, (_, index) => `n${index}`);
    const { id } = await dying.submit(lines(...names));
    while (runs.size < 5) await dying.clock.advance(50);
    const answered = new Set(
      (await dying.store.db.selectFrom('batch_line').select('custom_id').where('outcome', 'is not', null).execute()).map((row) => row.custom_id),
    );

    await dying.batches.close();
    dying.restart({
      invoke: (request) => {
        const question = questionOf(request);
        runs.set(question, (runs.get(question) ?? 0) + 1);
        return Promise.resolve(okReply(question));
      },
    });
    const batch = await dying.over(id);

    expect(batch).toMatchObject({ state: 'completed', completed: 10, failed: 0 });
    expect(ids(await dying.content(batch.outputFileId))).toEqual(names);
    for (const name of answered) expect(runs.get(name)).toBe(1);
  });

  it('writes its files again when the process ended in between, and has them once', async () => {
    const bench = await setUp();
    const { id } = await bench.submit(lines('a', 'b'));
    const batch = await bench.over(id);
    await bench.store.db.updateTable('batch_job').set({ state: 'finalizing', ended_ms: null }).where('id', '=', id).execute();
    await bench.store.db
      .deleteFrom('file_object')
      .where('id', '=', batch.outputFileId ?? '')
      .execute();
    const answer = JSON.stringify({ custom_id: 'a' });
    await bench.store.db
      .insertInto('batch_line')
      .values({ batch_id: id, line_index: 0, custom_id: 'a', start_byte: 0, end_byte: 1, outcome: 'ok', answer })
      .execute();

    const again = await bench.over(id);

    expect(again.state).toBe('completed');
    expect(ids(await bench.content(again.outputFileId))).toEqual(['a']);
  });

  it('is run by one process at a time', async () => {
    const runs: string[] = [];
    const invoke: BenchOptions['invoke'] = (request) => {
      runs.push(questionOf(request));
      return Promise.resolve(okReply(questionOf(request)));
    };
    const bench = await setUp({ invoke });
    const first = bench.batches;
    bench.restart({ invoke });
    first.start();

    await bench.over((await bench.submit(lines('a', 'b', 'c'))).id);

    expect(runs.sort()).toEqual(['a', 'b', 'c']);
    await first.close();
  });
});

describe('files', () => {
  const settings = (purpose: FilePurpose, ttlMs?: number) => () => Promise.resolve({ purpose, ttlMs });
  const source = async function* (...parts: string[]) {
    for (const part of parts) yield Buffer.from(part);
  };

  it('come back as they came, newest first, page by page', async () => {
    const bench = await setUp();
    for (const name of ['a', 'b', 'c']) {
      await bench.clock.advance(1000);
      await bench.files.receive({ ...owner, settings: settings('user_data'), filename: `../../${name}\u0000.txt`, source: source('12', name) });
    }

    const first = await bench.files.list(owner.tenant, { limit: 2 });
    const second = await bench.files.list(owner.tenant, { limit: 2, after: first.files[1]?.id });

    expect(first.files.map((file) => file.filename)).toEqual(['c.txt', 'b.txt']);
    expect([first.more, second.more]).toEqual([true, false]);
    expect(second.files).toMatchObject([{ filename: 'a.txt', sizeBytes: 3 }]);
    let text = '';
    for await (const chunk of (await bench.files.read(owner.tenant, second.files[0]?.id ?? '')).bytes) text += chunk.toString();
    expect(text).toBe('12a');
  });

  it('leave nothing behind when they are too large or break off', async () => {
    const bench = await setUp();
    const { createFiles } = await import('./files.ts');
    const { createSeededIds } = await import('#time');
    const { readdirSync } = await import('node:fs');
    const files = createFiles({ store: bench.store, clock: bench.clock, ids: createSeededIds(9), folder: bench.folder, maxFileBytes: 10, maxTenantBytes: 15 });
    const broken = async function* () {
      yield Buffer.from('12345');
      throw new PlatformError('cancelled', { message: 'gone' });
    };

    await expect(files.receive({ ...owner, settings: settings('batch'), filename: 'x', source: source('12345', '678901') })).rejects.toMatchObject({
      code: 'body_too_large',
    });
    await expect(files.receive({ ...owner, settings: settings('batch'), filename: 'x', source: broken() })).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(bench.folder)).toEqual([]);
    await files.receive({ ...owner, settings: settings('batch'), filename: 'x', source: source('1234567890') });
    await expect(files.receive({ ...owner, settings: settings('batch'), filename: 'x', source: source('1234567890') })).rejects.toMatchObject({
      code: 'body_too_large',
    });
  });

  it('go when they are deleted or their time is over', async () => {
    const bench = await setUp();
    const kept = await bench.files.receive({ ...owner, settings: settings('batch'), filename: 'x', source: source('1') });
    const short = await bench.files.receive({ ...owner, filename: 'x', source: source('1'), settings: settings('batch', 1000) });
    await bench.clock.advance(1000);

    await expect(bench.files.get(owner.tenant, short.id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await bench.files.sweep()).toBe(1);
    await bench.files.remove(owner.tenant, kept.id);
    await expect(bench.files.read(owner.tenant, kept.id)).rejects.toMatchObject({ code: 'not_found' });
  });
});
