import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openTestRoom, type TestRoom } from './__fixtures__/open-test-room.ts';
import { fitEntry } from './capture.ts';
import { LIMITS } from './limits.ts';

let room: TestRoom | undefined;
afterEach(() => room?.close());

const SECRET = 'the-secret-recipe '.repeat(30);
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

describe('content that is not captured', () => {
  it('reaches neither the database nor the disk', async () => {
    room = await openTestRoom({ captureContent: false });
    const attributes = ['input.value', 'gen_ai.prompt.0.content', 'langfuse.observation.output', 'vendor.unheard.of'].map((key) => text(key, SECRET));
    const events = [{ name: 'gen_ai.user.message', attributes: [text('content', SECRET)] }];
    const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'llm', startTimeUnixNano: '1795252293469000000', attributes, events };
    await room.traces.ingestOtlp({
      body: Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })),
      contentType: 'application/json',
      signal: 'traces',
      tenant: 't',
    });
    room.traces.ingestLangfuse(
      { batch: [{ id: '1', type: 'trace-create', timestamp: '', body: { id: 't', input: SECRET, output: { x: SECRET }, metadata: { y: SECRET } } }] },
      { tenant: 't' },
    );
    room.traces.record({
      traceId: 'c',
      spanId: 'd',
      parentSpanId: null,
      name: 'n',
      kind: 'engine',
      startMs: 1,
      endMs: 2,
      status: 'ok',
      tenant: 't',
      attributes: { z: SECRET },
      input: SECRET,
      output: SECRET,
    });
    await room.traces.flush();

    const rows = JSON.stringify([await room.store.db.selectFrom('span').selectAll().execute(), await room.store.db.selectFrom('trace').selectAll().execute()]);
    expect(rows).not.toContain('the-secret-recipe');
    expect(rows).toContain('not kept');
    const folder = join(await pathOf(room), 'spool');
    for (const file of readdirSync(folder)) expect(readFileSync(join(folder, file)).toString('latin1')).not.toContain('the-secret-recipe');
  });
});

/** The folder of the room's database file. */
async function pathOf(of: TestRoom): Promise<string> {
  const { sql } = await import('kysely');
  const { rows } = await sql<{ file: string }>`select file from pragma_database_list`.execute(of.store.db);
  return join(rows[0]?.file ?? '', '..');
}

describe('content that is captured', () => {
  it('is cut to the limit and says so', () => {
    const entry = fitEntry(
      {
        type: 'span',
        span: {
          tenant: 't',
          traceId: 'a',
          spanId: 'b',
          atMs: 0,
          input: 'x'.repeat(LIMITS.contentLength + 5),
          attributes: { a: 'y'.repeat(LIMITS.attributeLength), b: 1 },
        },
      },
      true,
    );

    expect(entry).toMatchObject({
      span: { input: expect.stringMatching(/… \[1000005 characters\]$/) as string, attributes: { a: '[16002 characters, not kept]', b: 1 } },
    });
  });
});
