import type { Distribution, LoadReport, LoadStage } from '@maru/api/records';

const WIDTH = 50;

/** A load test in the words and order of `vllm bench serve`, one block per stage. */
export const vllmReport = (report: LoadReport): string => report.stages.map((stage) => `${block(stage).join('\n')}\n`).join('\n');

function block(stage: LoadStage): readonly string[] {
  return [
    centred(' Serving Benchmark Result ', '='),
    line('Successful requests:', stage.requests.completed),
    line('Failed requests:', stage.requests.failed),
    ...(stage.concurrency === null ? [] : [line('Maximum request concurrency:', stage.concurrency)]),
    ...(stage.ratePerS === null ? [] : [line('Request rate configured (RPS):', stage.ratePerS.toFixed(2))]),
    line('Benchmark duration (s):', (stage.durationMs / 1000).toFixed(2)),
    line('Total input tokens:', stage.inputTokens),
    line('Total generated tokens:', stage.outputTokens),
    line('Request throughput (req/s):', stage.requestsPerS.toFixed(2)),
    ...(stage.goodputPerS === null ? [] : [line('Request goodput (req/s):', stage.goodputPerS.toFixed(2))]),
    line('Output token throughput (tok/s):', stage.outputTokensPerS.toFixed(2)),
    line('Peak output token throughput (tok/s):', stage.peakOutputTokensPerS.toFixed(2)),
    line('Peak concurrent requests:', stage.peakConcurrency.toFixed(2)),
    line('Total token throughput (tok/s):', (stage.inputTokensPerS + stage.outputTokensPerS).toFixed(2)),
    ...latency('Time to First Token', 'TTFT', stage.ttftMs),
    ...latency('Time per Output Token (excl. 1st token)', 'TPOT', stage.tpotMs),
    ...latency('Inter-token Latency', 'ITL', stage.itlMs),
    ...latency('End-to-end Latency', 'E2EL', stage.e2eMs),
    '='.repeat(WIDTH),
  ];
}

function latency(title: string, name: string, values: Distribution | null): readonly string[] {
  if (values === null) return [];
  return [
    centred(title, '-'),
    line(`Mean ${name} (ms):`, values.mean.toFixed(2)),
    line(`Median ${name} (ms):`, values.p50.toFixed(2)),
    line(`P90 ${name} (ms):`, values.p90.toFixed(2)),
    line(`P95 ${name} (ms):`, values.p95.toFixed(2)),
    line(`P99 ${name} (ms):`, values.p99.toFixed(2)),
  ];
}

const line = (name: string, value: string | number): string => `${name.padEnd(40)} ${String(value).padEnd(10)}`.trimEnd();

function centred(text: string, filler: string): string {
  const left = Math.floor((WIDTH - text.length) / 2);
  return `${filler.repeat(left)}${text}${filler.repeat(WIDTH - text.length - left)}`;
}
