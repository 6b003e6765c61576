import type { Distribution, LoadReport, LoadStage } from '@maru/api/records';

const STATISTICS = ['avg', 'min', 'max', 'p99', 'p90', 'p75'] as const;
const NAME_WIDTH = 45;
const CELL_WIDTH = 10;

/** A load test as the table of LLM metrics that GenAI-Perf prints, one per stage. */
export const genaiPerfReport = (report: LoadReport): string => report.stages.map((stage) => `${table(stage).join('\n')}\n`).join('\n');

function table(stage: LoadStage): readonly string[] {
  return [
    `LLM Metrics: ${stage.name}`,
    row('Statistic', STATISTICS),
    ...spread('Time To First Token (ms)', stage.ttftMs),
    ...spread('Time To Second Token (ms)', stage.secondTokenMs),
    ...spread('Request Latency (ms)', stage.e2eMs),
    ...spread('Inter Token Latency (ms)', stage.tpotMs),
    ...spread('Output Token Throughput Per User (tokens/sec)', stage.outputTokensPerSPerUser),
    ...spread('Output Sequence Length (tokens)', stage.outputLength),
    ...spread('Input Sequence Length (tokens)', stage.inputLength),
    single('Output Token Throughput (tokens/sec)', stage.outputTokensPerS),
    single('Request Throughput (per sec)', stage.requestsPerS),
    ...(stage.goodputPerS === null ? [] : [single('Request Goodput (per sec)', stage.goodputPerS)]),
    single('Request Count (count)', stage.requests.completed),
  ];
}

const spread = (name: string, values: Distribution | null): readonly string[] =>
  values === null
    ? []
    : [
        row(
          name,
          [values.mean, values.min, values.max, values.p99, values.p90, values.p75].map((value) => value.toFixed(2)),
        ),
      ];
const single = (name: string, value: number): string => row(name, [value.toFixed(2), ...STATISTICS.slice(1).map(() => 'N/A')]);
const row = (name: string, cells: readonly string[]): string => `${name.padStart(NAME_WIDTH)} ${cells.map((cell) => cell.padStart(CELL_WIDTH)).join(' ')}`;
