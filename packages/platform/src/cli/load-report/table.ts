import type { LoadReport, LoadStage } from '@maru/api/records';
import { type Column, formatListing } from '../output.ts';

/** A load test as one row per stage, with the failures below it. */
export function loadTable(report: LoadReport): string {
  const { target, workload } = report;
  const lines = [
    `${target.model} at ${target.url} (${target.operation}${target.simulated ? ', SIMULATED' : ''}), prompts ${workload.trace ?? workload.input}, answers ${workload.trace ?? workload.output} tokens`,
    formatListing({ rows: report.stages, columns: COLUMNS, empty: 'no stage was run' }, 'table').trimEnd(),
    ...report.stages.flatMap((stage) =>
      stage.errors.map(({ kind, count, example }) => `${stage.name}: ${count} of ${stage.requests.sent} failed with ${kind}: ${example.replace(/\s+/g, ' ')}`),
    ),
    ...(workload.ignoreEos ? [] : ['the server does not take ignore_eos: answers may be shorter than asked for']),
    ...(report.complete ? [] : ['stopped before its end: these are the figures until then']),
  ];
  return `${lines.join('\n')}\n`;
}

const fixed = (value: number | null | undefined, digits = 0): string => (value === null || value === undefined ? '-' : value.toFixed(digits));
const share = (value: number | null): string => (value === null ? '-' : `${(value * 100).toFixed(1)}%`);
const right = 'right' as const;

const COLUMNS: readonly Column<LoadStage>[] = [
  { title: 'stage', value: (stage) => stage.name },
  { title: 'ok', value: ({ requests }) => `${requests.completed}/${requests.sent}`, align: right },
  { title: 'req/s', value: (stage) => fixed(stage.requestsPerS, 2), align: right },
  { title: 'in tok/s', value: (stage) => fixed(stage.inputTokensPerS), align: right },
  { title: 'out tok/s', value: (stage) => fixed(stage.outputTokensPerS), align: right },
  { title: 'ttft ms', value: (stage) => fixed(stage.ttftMs?.mean), align: right },
  { title: 'p95', value: (stage) => fixed(stage.ttftMs?.p95), align: right },
  { title: 'p99', value: (stage) => fixed(stage.ttftMs?.p99), align: right },
  { title: 'itl ms', value: (stage) => fixed(stage.itlMs?.mean, 1), align: right },
  { title: 'p99', value: (stage) => fixed(stage.itlMs?.p99, 1), align: right },
  { title: 'e2e ms', value: (stage) => fixed(stage.e2eMs?.mean), align: right },
  { title: 'p99', value: (stage) => fixed(stage.e2eMs?.p99), align: right },
  { title: 'goodput', value: (stage) => share(stage.withinSlo), align: right },
];
