/**
 * Run with `node bench/router/run.ts [--trace FILE] [--table-only | --cost]`.
 * Compares the policies of the router on a trace: first without a timing model beside the published table, then on the engine twin.
 * With `--cost`, only what a decision costs, and the way of a request to it and back.
 * Goodput under an SLO, over seeds: `bench/simulate/goodput.ts`.
 * Ends with status 1 when a cell of the table differs without an explanation.
 */
import { parseArgs } from 'node:util';
import { readTrace } from '../../packages/platform/src/simulate/index.ts';
import { printBlockTable } from './block-table.ts';
import { printPickCost } from './pick-cost.ts';
import { printPlacementCost } from './placement-cost.ts';
import { printTimedTable } from './timed-table.ts';

const { values } = parseArgs({
  options: {
    trace: { type: 'string' },
    'table-only': { type: 'boolean', default: false },
    cost: { type: 'boolean', default: false },
  },
});
const print = (line: string): void => void process.stdout.write(`${line}\n`);

if (values.cost) {
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
