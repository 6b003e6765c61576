/**
 * Run with `node bench/twin/run.ts [--measured FILE] [--profile NAME]`.
 * Prints what the engine twin says beside what was measured on real engines: the published anchors, every point of llm-d's
 * capacity experiments, and every point of each file in `bench/data/gpu` (or of FILE). Misses are listed, not left out.
 */
import { parseArgs } from 'node:util';
import { ANCHORS } from './anchors.ts';
import { EXPERIMENTS } from './capacity.ts';
import { printCapacity } from './capacity-table.ts';
import { measuredFiles, printMeasured } from './measured.ts';

const { values } = parseArgs({ options: { measured: { type: 'string' }, profile: { type: 'string' } } });
const print = (line: string): void => void process.stdout.write(`${line}\n`);

if (values.measured === undefined) {
  print('Published by others');
  for (const { what, source, published, twin, note } of ANCHORS) {
    const value = twin();
    const error = `${value.toPrecision(4)} (${value > published ? '+' : ''}${((value / published - 1) * 100).toFixed(1)}%)`;
    print(`  ${what.padEnd(58)} ${String(published).padStart(8)}  twin ${error.padEnd(18)} ${note}; ${source}`);
  }
  print('');
  for (const experiment of EXPERIMENTS) printCapacity(experiment, print);
}
const files = values.measured === undefined ? measuredFiles() : [values.measured];
for (const file of files) printMeasured(file, values.profile, print);
if (files.length === 0) print('Measured by this project: nothing yet. bench/gpu has not been run on a GPU; put its results into bench/data/gpu.');
