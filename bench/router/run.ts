/**
 * Run with `node bench/router/run.ts [--trace FILE] [--table-only | --goodput | --cost] [--seeds N] [--policies A,B]`.
 * Compares the policies of the router on a trace: first without a timing model beside the published table, then on the engine twin.
 * With `--cost`, only what a decision costs, and the way of a request to it and back.
 * With `--goodput`, every policy at every stage of two loads, and where `maru` wins, ties and loses.
 * Ends with status 1 when a cell of the table differs without an explanation.
 */
import { parseArgs } from 'node:util';
import { POLICIES } from '../../packages/platform/src/router/index.ts';
import { readTrace } from '../../packages/platform/src/simulate/index.ts';
import { printBlockTable } from './block-table.ts';
import { capacityLoad, mooncakeLoad } from './goodput-loads.ts';
import { printGoodput } from './goodput-table.ts';
import { printPickCost } from './pick-cost.ts';
import { printPlacementCost } from './placement-cost.ts';
import { printTimedTable } from './timed-table.ts';

const { values } = parseArgs({
  options: {
    trace: { type: 'string' },
    'table-only': { type: 'boolean', default: false },
    goodput: { type: 'boolean', default: false },
    cost: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '3' },
    policies: { type: 'string' },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Collapses under any load, for hours of virtual time. */
const LEFT_OUT: readonly string[] = ['greedy-prefix'];
const MOONCAKE_SCALES = [1, 1.5, 2, 2.5, 3];

if (values.goodput) {
  const policies = values.policies?.split(',') ?? POLICIES.filter((policy) => !LEFT_OUT.includes(policy));
  const table = { policies, seeds: Array.from({ length: Math.max(1, Number(values.seeds)) }, (_, index) => index + 1) };
  for (const load of [await mooncakeLoad(MOONCAKE_SCALES), capacityLoad()]) printGoodput(load, table, print);
} else if (values.cost) {
  await printPlacementCost(print);
  print('');
  printPickCost(print);
} else {
  await compare();
}

async function compare(): Promise<void> {
  const published = await readTrace(new URL('../data/traces/mooncake-conversation.jsonl', import.meta.url).pathname);
  print('Block hit rate (most over mean work), 8 workers, no timing model; OK: equal to the published cell in every printed digit\n');
  const different = printBlockTable(published, print);
  print(`\n${different === 0 ? 'no unexplained difference' : `${different} cells differ without an explanation`}\n`);

  if (!values['table-only']) {
    const trace = values.trace === undefined ? published : await readTrace(values.trace);
    for (const rateScale of [1, 2]) {
      printTimedTable(trace, rateScale, print);
      print('');
    }
    await printPlacementCost(print);
    print('');
    printPickCost(print);
  }
  process.exitCode = different === 0 ? 0 : 1;
}
