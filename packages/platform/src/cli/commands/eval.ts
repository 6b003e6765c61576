import { evaluationRunDetailSchema, evaluationRunSchema } from '@maru/api/wire';
import type { ClientFlags } from '#config';
import { createSystemClock } from '#time';
import { clientOf, type RegisterCommand, withServer } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { type Column, formatListing, parseOutput } from '../output.ts';

const POLL_MS = 300;

export const registerEval: RegisterCommand = (program, { io, exit }) => {
  withServer(
    program
      .command('eval')
      .description('run an Evaluation; its verdict is the exit code')
      .argument('<name>', 'name of the Evaluation')
      .option('-o, --output <format>', 'table, json or yaml', 'table'),
  ).action(async (name: string, flags: ClientFlags & { output: string }) => {
    const output = parseOutput(flags.output);
    const client = clientOf(flags);
    const clock = createSystemClock();
    let run = await client.call({
      method: 'POST',
      path: `/api/v1/evaluations/${encodeURIComponent(name)}/runs`,
      body: {},
      schema: evaluationRunSchema,
      signal: io.signal,
    });
    while (run.endedMs === null) {
      if (io.interactive) io.err(`\r${run.rowsDone} of ${run.rows} rows`);
      await clock.sleep(POLL_MS, io.signal);
      ({ run } = await client.call({ path: `/api/v1/evaluation-runs/${run.id}`, schema: evaluationRunDetailSchema, signal: io.signal }));
    }
    if (io.interactive) io.err('\r');
    const rows = Object.entries(run.means).map(([evaluator, mean]) => ({
      evaluator,
      mean,
      threshold: run.thresholds[evaluator] ?? run.thresholds[evaluator.split('@')[0] ?? evaluator],
    }));
    io.out(formatListing({ rows, columns: COLUMNS, data: run }, output));
    for (const reason of run.reasons) io.err(`${reason}\n`);
    io.err(`${run.evaluation}: ${run.verdict ?? run.state} (${run.rowsDone} rows, ${run.rowsFailed} failed)\n`);
    if (run.verdict === 'fail' || run.state !== 'succeeded') exit(EXIT.failed);
  });
};

interface Row {
  readonly evaluator: string;
  readonly mean: number | null;
  readonly threshold: number | undefined;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'evaluator', value: (row) => row.evaluator },
  { title: 'mean', value: (row) => row.mean?.toFixed(3), align: 'right' },
  { title: 'threshold', value: (row) => row.threshold?.toFixed(3), align: 'right' },
];
