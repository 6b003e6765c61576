/**
 * Run with `nice -n 15 node bench/simulate/goodput.ts [--purpose tuning] [--loads A,B] [--policies A,B] [--threads 2]`.
 * Prints the share of requests within an SLO per policy, load and rate, with 95 % confidence intervals over seeds, and how far
 * `maru` is from the best of the other policies. Constants are chosen with `--purpose tuning`; what is told is `reporting`.
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { POLICIES } from '../../packages/platform/src/router/index.ts';
import { type GoodputCell, type GoodputLoad, LOADS, type Purpose, SEEDS } from './goodput-loads.ts';
import { printGoodput, type SharesOf } from './goodput-table.ts';

const { values } = parseArgs({
  options: {
    purpose: { type: 'string', default: 'reporting' },
    loads: { type: 'string', default: Object.keys(LOADS).join(',') },
    policies: { type: 'string' },
    threads: { type: 'string', default: '2' },
  },
});
/** Collapses under any load, for hours of virtual time. */
const LEFT_OUT: readonly string[] = ['greedy-prefix', 'least-work'];
const purpose: Purpose = values.purpose === 'tuning' ? 'tuning' : 'reporting';
const policies = values.policies?.split(',') ?? POLICIES.filter((policy) => !LEFT_OUT.includes(policy));
const threads = Array.from({ length: Math.max(1, Number(values.threads)) }, () => new Worker(new URL('./goodput-thread.ts', import.meta.url)));

for (const name of values.loads.split(',')) {
  const load = LOADS[name];
  if (load === undefined) throw new RangeError(`no load is called "${name}"; use one of: ${Object.keys(LOADS).join(', ')}`);
  printGoodput({ load, policies, shares: await sharesOf(name, load), print: (line) => void process.stdout.write(`${line}\n`) });
}
await Promise.all(threads.map((thread) => thread.terminate()));

/** Plays a load under all policies and seeds, and brings the shares together by policy and rate. */
async function sharesOf(name: string, load: GoodputLoad): Promise<SharesOf> {
  const shares = new Map(policies.map((policy) => [policy, load.rates.map((): number[] => [])]));
  const rates = load.stages ? [0] : load.rates;
  const cells = policies.flatMap((policy) => rates.flatMap((rate) => SEEDS[purpose].map((seed) => ({ load: name, purpose, policy, seed, rate }))));
  const work = async (thread: Worker): Promise<void> => {
    for (let cell = cells.shift(); cell !== undefined; cell = cells.shift()) {
      const first = load.stages ? 0 : load.rates.indexOf(cell.rate);
      for (const [place, share] of (await ask(thread, cell)).entries()) shares.get(cell.policy)?.[first + place]?.push(share);
    }
  };
  await Promise.all(threads.map(work));
  return shares;
}

function ask(thread: Worker, cell: GoodputCell): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.once('message', (shares: readonly number[]) => {
      thread.off('error', reject);
      resolve(shares);
    });
    thread.postMessage(cell);
  });
}
