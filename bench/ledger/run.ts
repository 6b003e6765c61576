import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZERO_USAGE } from '@maru/api/records';
import { createLedger } from '../../packages/platform/src/ledger/index.ts';
import { migrateStore, openSpool, openStore } from '../../packages/platform/src/store/index.ts';
import { silentLog } from '../../packages/platform/src/telemetry/index.ts';
import { createIds, createSystemClock } from '../../packages/platform/src/time/index.ts';

// What money costs a request: `node bench/ledger/run.ts`. Figures are the median of 9 runs.
const RUNS = 9;
const folder = mkdtempSync(join(tmpdir(), 'maru-bench-ledger-'));
const clock = createSystemClock();
const store = await openStore({ url: join(folder, 'maru.db') });
await migrateStore(store);
const spool = openSpool({ path: join(folder, 'spool'), log: silentLog });
const ledger = await createLedger({ store, spool, clock, ids: createIds(() => clock.nowMs()), log: silentLog });
const { secret } = await ledger.createKey({
  tenant: 'default',
  name: 'bench',
  models: ['auto'],
  budgets: [{ usd: 1_000_000, window: 'total' }],
  limits: { requestsPerMinute: 100_000_000, tokensPerMinute: 1_000_000_000_000 },
});
const principal = await ledger.authenticate(secret);
const estimate = { ...ZERO_USAGE, inputTokens: 1000, outputTokens: 300 };
const request = { requestedModel: 'auto', estimate, prices: [{ provider: 'openai', model: 'gpt-5-mini' }] };
const facts = {
  requestId: 'req_bench',
  traceId: '0'.repeat(32),
  model: 'gpt-5-mini',
  endpoint: 'openai',
  provider: 'openai',
  servedName: 'gpt-5-mini',
  simulated: false,
  usage: estimate,
  outcome: 'ok' as const,
};
const record = 'x'.repeat(600);

async function measure(name: string, count: number, work: () => unknown): Promise<void> {
  const samples: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const before = process.cpuUsage();
    for (let index = 0; index < count; index += 1) {
      const result = work();
      if (result instanceof Promise) await result;
    }
    const { user, system } = process.cpuUsage(before);
    samples.push((user + system) / count);
    await ledger.flush();
  }
  samples.sort((left, right) => left - right);
  console.log(`${name.padEnd(44)} ${(samples[(RUNS - 1) / 2] ?? 0).toFixed(2).padStart(8)} µs CPU`);
}

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`);
const bare = openSpool({ path: join(folder, 'bare'), log: silentLog });
await measure('spool: append 600 bytes', 5000, () => bare.append(record));
await measure('authenticate, known key', 20_000, () => ledger.authenticate(secret));
await measure('price of a usage', 20_000, () => ledger.priceOf(estimate, request.prices[0] ?? { provider: '', model: '' }));
await measure('admit + release (model, rates, budget, price)', 5000, async () => ledger.release(await ledger.admit(principal, request)));
await measure('admit + settle (into the spool)', 1000, async () => ledger.settle(await ledger.admit(principal, request), facts));

const started = clock.monotonicMs();
for (let index = 0; index < 20_000; index += 1) ledger.settle(await ledger.admit(principal, request), facts);
await ledger.flush();
console.log(`${'20000 requests, admitted, charged and settled'.padEnd(44)} ${Math.round(20_000 / ((clock.monotonicMs() - started) / 1000))} per second`);

await ledger.close();
await bare.close();
await spool.close();
await store.close();
rmSync(folder, { recursive: true, force: true });
