import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { toFile } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { createBatches, createFiles } from '#batches';
import { migrateStore, openStore } from '#store';
import { silentLog } from '#telemetry';
import { createSeededIds, createSystemClock } from '#time';
import { type GuardedGateway, startGuardedGateway } from './__fixtures__/guarded-gateway.ts';
import { TEST_KEY } from './__fixtures__/test-gateway.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(): Promise<{ gateway: GuardedGateway; client: OpenAI; folder: string }> {
  const store = await openStore({ url: ':memory:' });
  await migrateStore(store);
  const clock = createSystemClock();
  const folder = mkdtempSync(join(tmpdir(), 'maru-stored-'));
  const files = createFiles({ store, clock, ids: createSeededIds(1), folder, maxFileBytes: 100_000 });
  const invoke = async ({ body }: { body: Uint8Array }) => ({
    status: 200,
    requestId: 'req',
    body: JSON.stringify({ echo: JSON.parse(Buffer.from(body).toString()) as unknown }),
  });
  const batches = createBatches({
    store,
    files,
    clock,
    ids: createSeededIds(2),
    log: silentLog,
    ports: { invoke, complete: () => Promise.reject(new TypeError('nothing goes to a provider')), remote: () => undefined, spare: () => 8 },
    holder: 'test',
  });
  const principals = { [TEST_KEY]: { tenant: 'a', keyId: 'k1' }, other: { tenant: 'b', keyId: 'k2' } };
  const gateway = await startGuardedGateway({ attempts: () => [], principals, stored: { files, batches } });
  closers.push(
    () => store.close(),
    () => batches.close(),
    () => gateway.close(),
  );
  return { gateway, client: new OpenAI({ apiKey: TEST_KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 }), folder };
}

const line = (id: string): string =>
  JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body: { model: 'auto', messages: [{ role: 'user', content: id }] } });

describe('files and batches over HTTP', () => {
  it('serve an unmodified client from upload to output', async () => {
    const { client } = await start();
    const file = await client.files.create({ file: await toFile(Buffer.from(`${line('one')}\n${line('zwei 둘')}\n`), 'in.jsonl'), purpose: 'batch' });
    let batch = await client.batches.create({ input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h', metadata: { team: 'x' } });
    while (batch.status !== 'completed') batch = await client.batches.retrieve(batch.id);

    expect(batch).toMatchObject({ object: 'batch', request_counts: { total: 2, completed: 2, failed: 0 }, metadata: { team: 'x' }, errors: null });
    const output = (await (await client.files.content(batch.output_file_id ?? '')).text())
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { custom_id: string });
    expect(output.map((row) => row.custom_id)).toEqual(['one', 'zwei 둘']);
    expect((await client.batches.list()).data.map((each) => each.id)).toEqual([batch.id]);
    expect((await client.files.list()).data.map((each) => each.purpose).sort()).toEqual(['batch', 'batch_output']);
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    await expect(client.files.retrieve(file.id)).rejects.toMatchObject({ status: 404 });
    await expect(client.batches.cancel(batch.id)).rejects.toMatchObject({ status: 409 });
  });

  it('show nothing to another tenant, or without a key', async () => {
    const { gateway, client } = await start();
    const file = await client.files.create({ file: await toFile(Buffer.from('x'), 'x.txt'), purpose: 'user_data' });

    for (const path of [`/v1/files/${file.id}`, `/v1/files/${file.id}/content`]) expect((await gateway.send(path, { key: 'other' })).status).toBe(404);
    expect(await (await gateway.send('/v1/files', { key: 'other' })).json()).toMatchObject({ data: [] });
    expect((await gateway.send('/v1/files', { key: 'wrong' })).status).toBe(401);
    const content = await gateway.send(`/v1/files/${file.id}/content`);
    expect(await content.text()).toBe('x');
    expect(content.headers.get('content-disposition')).toContain('attachment');
  });

  it.each([
    ['no parts', { body: 'hello', headers: { 'content-type': 'text/plain' } }, 415],
    ['broken parts', { body: 'hello', headers: { 'content-type': 'multipart/form-data' } }, 400],
    ['no file', { body: form({ purpose: 'batch' }) }, 400],
    ['no purpose', { body: form({}, 'x') }, 400],
    ['another purpose', { body: form({ purpose: 'world domination' }, 'x') }, 400],
    ['a wrong expiry', { body: form({ purpose: 'batch', 'expires_after[seconds]': '5' }, 'x') }, 400],
    ['too many bytes', { body: form({ purpose: 'batch' }, 'x'.repeat(200_000)) }, 413],
  ])('refuse an upload with %s, and leave nothing behind', async (_what, init, status) => {
    const { gateway, folder } = await start();

    const response = await gateway.send('/v1/files', { method: 'POST', ...init });

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code: expect.any(String) } });
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['PUT', '/v1/files', 405],
    ['POST', '/v1/files/file-x/content', 405],
    ['PATCH', '/v1/batches/batch_x', 405],
    ['GET', '/v1/files/..%2f..%2fetc%2fpasswd/content', 404],
    ['GET', '/v1/batches/none', 404],
    ['GET', '/v1/files?limit=0', 400],
  ])('answer %s %s with %i', async (method, path, status) => {
    const { gateway } = await start();

    expect((await gateway.send(path, { method })).status).toBe(status);
  });
});

function form(fields: Record<string, string>, file?: string): FormData {
  const parts = new FormData();
  for (const [name, value] of Object.entries(fields)) parts.append(name, value);
  if (file !== undefined) parts.append('file', new Blob([file]), 'in.jsonl');
  return parts;
}
