import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chargePageSchema, type Savings, savingsSchema } from '@maru/api/wire';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readConfig } from '#config';
import { type Platform, startPlatform } from '../platform.ts';

const STACK = `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: sim }
spec:
  serving: { engine: twin, twin: { speed: 1000 } }
  price: { inputUsdPerMillion: 1000, outputUsdPerMillion: 1000 }
  batchPercent: 25
`;

const folder = mkdtempSync(join(tmpdir(), 'maru-savings-'));
let platform: Platform;
beforeAll(async () => {
  const file = join(folder, 'stack.yaml');
  writeFileSync(file, STACK);
  const config = readConfig({ port: '0', dataDir: join(folder, 'data') }, { MARU_LOG_LEVEL: 'silent' });
  platform = await startPlatform({ config, files: [file], version: '0.0.0', say: () => undefined });
}, 60_000);
afterAll(async () => {
  await platform.close();
  rmSync(folder, { recursive: true, force: true });
});

const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
  const response = await fetch(platform.url + path, { ...init, headers: { authorization: `Bearer ${platform.masterKey}`, ...init.headers } });
  return response.json();
};
const json = (body: object): RequestInit => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const RANGE = 'fromMs=0&toMs=9000000000000';
const savings = async (): Promise<Savings> => savingsSchema.parse(await ask(`/api/v1/savings?${RANGE}`));

describe('savings', () => {
  it('name what batches were not charged, as every charge of a batch does', async () => {
    const call = { model: 'sim', max_tokens: 4, messages: [{ role: 'user', content: 'hello' }] };
    await ask('/v1/chat/completions', json(call));
    expect((await savings()).batches).toEqual([]);

    const form = new FormData();
    form.set('purpose', 'batch');
    const lines = ['a', 'b'].map((id) => JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body: call }));
    form.set('file', new Blob([lines.join('\n')]), 'requests.jsonl');
    const { id } = (await ask('/v1/files', { method: 'POST', body: form })) as { id: string };
    await ask('/v1/batches', json({ input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h' }));
    const rows = await vi.waitFor(
      async () => {
        const { batches } = await savings();
        expect(batches[0]?.requests).toBe(2);
        return batches;
      },
      { timeout: 30_000, interval: 50 },
    );

    expect(rows).toHaveLength(1);
    const [row] = rows;
    expect(row).toMatchObject({ model: 'sim', savedNanoUsd: (row?.costNanoUsd ?? 0) * 3 });
    const { items } = chargePageSchema.parse(await ask(`/api/v1/charges?${RANGE}`));
    const discounted = items.filter((charge) => charge.discount !== undefined);
    expect(discounted.map((charge) => charge.discount?.for)).toEqual(['batch', 'batch']);
    expect(discounted.reduce((sum, charge) => sum + (charge.discount?.nanoUsd ?? 0), 0)).toBe(row?.savedNanoUsd);
  });
});
