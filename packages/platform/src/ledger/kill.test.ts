import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openSpool, openStore } from '#store';
import { silentLog } from '#telemetry';
import { createFakeClock, createRandom, createSeededIds } from '#time';
import { tenantOf } from './__fixtures__/open-ledger.ts';
import { createLedger } from './ledger.ts';

const ROUNDS = 3;
/** Most charges that the program makes before it says so: those of a shared write, and one alone. */
const AT_ONCE = 5;
const PROGRAM = fileURLToPath(new URL('__fixtures__/charge-until-killed.ts', import.meta.url));

/** Runs the program until it has acknowledged so many charges, kills it with signal 9, and returns all that it acknowledged. */
async function chargeAndKill(folder: string, afterCharges: number): Promise<readonly (readonly [string, number])[]> {
  const child = spawn(process.execPath, [PROGRAM, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let text = '';
  child.stdout.on('data', (data: Buffer) => {
    text += data.toString();
    if (text.split('\n').length > afterCharges) child.kill('SIGKILL');
  });
  await ended;
  expect(child.signalCode).toBe('SIGKILL');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '))
    .map(([id, cost]) => [id ?? '', Number(cost)] as const);
}

it('keeps every acknowledged charge exactly once, and equal sums, over kill -9 at any moment', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'maru-kill-'));
  const random = createRandom(20261121);
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [id, cost] of await chargeAndKill(folder, 1 + Math.floor(random() * 400))) acknowledged.set(id, cost);

  const store = await openStore({ url: join(folder, 'maru.db') });
  const spool = openSpool({ path: join(folder, 'spool'), log: silentLog });
  const ledger = await createLedger({ store, spool, clock: createFakeClock(), ids: createSeededIds(), log: silentLog });
  ledger.setTenants([tenantOf('default', { budgets: [{ usd: 1_000_000, window: 'total' }] })]);

  const rows = await store.db.selectFrom('charge').select(['id', 'cost_nano']).execute();
  const found = new Map(rows.map((row) => [row.id, row.cost_nano]));
  expect(found.size).toBe(rows.length);
  for (const [id, cost] of acknowledged) expect(found.get(id)).toBe(cost);
  // The last charges of a round may be written while their acknowledgement was not.
  expect(rows.length - acknowledged.size).toBeLessThanOrEqual(ROUNDS * AT_ONCE);
  const sum = rows.reduce((total, row) => total + (row.cost_nano ?? 0), 0);
  expect((await ledger.spend({ by: 'total' }))[0]).toMatchObject({ costNanoUsd: sum, requests: rows.length });
  expect((await ledger.budgetStates())[0]).toMatchObject({ spentNanoUsd: sum, leasedNanoUsd: 0 });
  expect(spool.backlogBytes()).toBe(0);

  await ledger.close();
  await spool.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});
