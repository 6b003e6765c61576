import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestRoom, type TestRoom } from '../__fixtures__/open-test-room.ts';
import type { FullTrace } from '../query/get-trace.ts';
import { langfuseProjects } from './answers.ts';

const FOLDER = new URL('../../../../../test/fixtures/langfuse-wire/', import.meta.url);
const TENANT = 'default';

interface Recorded {
  readonly m: string;
  readonly p: string;
  readonly h: Readonly<Record<string, string>>;
  readonly len: number;
  readonly body?: string;
  readonly base64?: string;
}

const read = (file: string): readonly Recorded[] =>
  readFileSync(new URL(file, FOLDER), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);

let room: TestRoom;
beforeEach(async () => {
  room = await openTestRoom();
});
afterEach(() => room.close());

/** A body that was not stored, or that was cut by the recorder, is no JSON. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Sends every request of a file that has its whole body; returns how many were taken and how many were left out. */
async function replay(file: string): Promise<{ taken: number; incomplete: number }> {
  let taken = 0;
  let incomplete = 0;
  for (const request of read(file)) {
    if (request.m !== 'POST' || request.p.includes('dataset-run-items')) continue;
    const body = Buffer.from(request.base64 ?? request.body ?? '', request.base64 === undefined ? 'utf8' : 'base64');
    if (request.base64 === undefined && !isJson(request.body ?? '')) {
      incomplete += 1;
      continue;
    }
    taken += 1;
    if (request.p === '/api/public/otel/v1/traces') {
      const reply = await room.traces.ingestOtlp({
        body,
        contentType: request.h['content-type'],
        encoding: request.h['content-encoding'],
        signal: 'traces',
        tenant: TENANT,
      });
      expect(reply).toMatchObject({ status: 200, contentType: request.h['content-type'], rejected: 0 });
    } else if (request.p === '/api/public/scores') {
      expect(room.traces.ingestLangfuseScores(JSON.parse(body.toString()), { tenant: TENANT }).status).toBe(202);
    } else {
      const batch = JSON.parse(body.toString()) as { batch: { id: string }[] };
      const reply = room.traces.ingestLangfuse(batch, { tenant: TENANT });
      expect(reply).toEqual({ status: 207, body: { successes: batch.batch.map(({ id }) => ({ id, status: 201 })), errors: [] } });
    }
  }
  await room.traces.flush();
  return { taken, incomplete };
}

const traceNamed = async (name: string): Promise<FullTrace | undefined> => {
  const { items } = await room.traces.listTraces({ name });
  return items[0] === undefined ? undefined : room.traces.getTrace(items[0].traceId);
};
const usage = (inputTokens: number, outputTokens: number) => ({ inputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens, reasoningTokens: 0 });

describe('recorded Langfuse SDK traffic', () => {
  it('is all replayed: no recorded file is left out', () => {
    expect(readdirSync(FOLDER).filter((file) => file.endsWith('.jsonl'))).toHaveLength(8);
  });

  it('Python 2: several trace events become one trace with its generation, usage and score', async () => {
    expect(await replay('log_py_v2.jsonl')).toEqual({ taken: 2, incomplete: 0 });

    const trace = await traceNamed('main');
    expect(trace?.summary).toMatchObject({ session: 's1', user: 'u1', model: 'gpt-4o', usage: usage(10, 5), spans: 1 });
    expect(trace?.given).toMatchObject({ tags: ['a'], input: { args: ['hi'] }, output: 'out' });
    expect(trace?.spans).toMatchObject([{ name: 'gen', kind: 'engine', parentSpanId: null, output: 'out', input: { args: ['hi'], kwargs: {} } }]);
    expect(trace?.spans[0]?.endMs).toBeGreaterThan(trace?.spans[0]?.startMs ?? Number.NaN);
    expect(trace?.scores).toMatchObject([{ id: 'bb84e18c-dc1f-43bf-b3cd-d6d0656c6bd8', name: 'q', value: 1 }]);
    expect(await traceNamed('t')).toMatchObject({ summary: { spans: 0, durationMs: null } });
  });

  it('JavaScript 3: a generation is created and updated', async () => {
    expect(await replay('log_js_v3.jsonl')).toEqual({ taken: 1, incomplete: 0 });

    const trace = await traceNamed('t');
    expect(trace?.summary).toMatchObject({ session: 's1', user: 'u1', model: 'gpt-4o', usage: usage(1, 2) });
    expect(trace?.spans).toMatchObject([{ name: 'g', kind: 'engine', input: 'hi', output: 'o' }]);
    expect(trace?.scores).toMatchObject([{ name: 'q', value: 1 }]);
  });

  it('JavaScript 5: OTLP in JSON keeps names, nesting, model and usage', async () => {
    expect(await replay('log_js_v5.jsonl')).toEqual({ taken: 2, incomplete: 1 });

    const trace = await traceNamed('root');
    expect(trace?.summary).toMatchObject({ traceId: 'd0586148f4f80cfa4f7848d7b5b7f21c', model: 'gpt-4o', usage: usage(10, 5), spans: 2 });
    expect(trace?.summary.durationMs).toBeCloseTo(7.053, 3);
    expect(trace?.spans).toMatchObject([
      { spanId: '2da6f35f59ae4312', name: 'root', parentSpanId: null, input: { q: 'hi' }, output: 'done' },
      { spanId: '449fc57c620fa726', name: 'llm', kind: 'engine', parentSpanId: '2da6f35f59ae4312', output: 'out' },
    ]);
    expect(trace?.scores).toMatchObject([{ name: 'q', value: 1 }]);
  });

  it('refuses the request of JavaScript 5 whose recording is cut', async () => {
    const cut = read('log_js_v5.jsonl').at(-1);

    await expect(
      room.traces.ingestOtlp({ body: Buffer.from(cut?.body ?? ''), contentType: 'application/json', signal: 'traces', tenant: TENANT }),
    ).rejects.toMatchObject({
      code: 'invalid_json',
    });
  });

  it.each([
    ['log_py_v3.15.0.jsonl', '2649dd750cc5045ca11166508a022b40'],
    ['log_py_HEAD.jsonl', 'dcd6ef21c33c1d04e5dc446a45032cd2'],
  ])('%s: the score waits for its trace', async (file, traceId) => {
    expect(await replay(file)).toEqual({ taken: 1, incomplete: 2 });

    room.traces.record({
      traceId,
      spanId: '1'.repeat(16),
      parentSpanId: null,
      name: 'late',
      kind: 'other',
      startMs: 1,
      endMs: 2,
      status: 'unset',
      tenant: TENANT,
      attributes: {},
    });
    await room.traces.flush();

    expect((await room.traces.getTrace(traceId))?.scores).toMatchObject([{ name: 'q', value: 1 }]);
  });

  it.each(['recorded_py_3.15.0.jsonl', 'recorded_py_4.14.3.jsonl', 'recorded_py_5.0.4.jsonl'])('%s: protobuf of the real exporter', async (file) => {
    expect(await replay(file)).toEqual({ taken: 2, incomplete: 0 });

    const trace = await traceNamed('recorded');
    const root = trace?.spans.find((span) => span.name === 'root');
    expect(trace?.summary).toMatchObject({ session: 's1', user: 'u1', model: 'gpt-4o', spans: 4, status: 'unset', costNanoUsd: 3_000_000 });
    expect(trace?.summary.usage).toEqual({ inputTokens: 10, cacheReadTokens: 4, cacheWriteTokens: 0, outputTokens: 5, reasoningTokens: 2 });
    expect(trace?.given).toMatchObject({ tags: ['a', 'b'], metadata: { plan: 'pro' } });
    expect(root).toMatchObject({ parentSpanId: null, input: { q: 'hi' }, output: 'done' });
    for (const [name, kind] of [
      ['search', 'retrieval'],
      ['llm', 'engine'],
      ['weather', 'tool'],
    ])
      expect(trace?.spans.find((span) => span.name === name)).toMatchObject({ kind, parentSpanId: root?.spanId });
    expect(trace?.spans.find((span) => span.name === 'weather')).toMatchObject({ status: 'error', statusMessage: 'no network' });
    expect(trace?.spans.find((span) => span.name === 'llm')).toMatchObject({ input: [{ role: 'user', content: 'hi' }], output: 'out' });
    expect(trace?.scores.map(({ name, value, label }) => ({ name, value, label }))).toEqual(
      expect.arrayContaining([
        { name: 'q', value: 1, label: undefined },
        { name: 'tone', value: null, label: 'kind' },
      ]),
    );
  });

  it('changes nothing when every request is sent twice', async () => {
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.jsonl'));
    for (const file of files) await replay(file);
    const once = await Promise.all((await room.traces.listTraces({ limit: 100 })).items.map((trace) => room.traces.getTrace(trace.traceId)));

    for (const file of files) await replay(file);

    const twice = await Promise.all((await room.traces.listTraces({ limit: 100 })).items.map((trace) => room.traces.getTrace(trace.traceId)));
    expect(twice).toEqual(once);
    expect(once).toHaveLength(7);
  });

  it('answers the project question that SDKs check their credentials with', () => {
    expect(langfuseProjects('default').data[0]).toMatchObject({ id: 'default', name: 'default', organization: { id: 'default' }, metadata: {} });
  });
});
