// Loaded into the gateway process by `--import`: how late its event loop was since the last question. Asked by SIGUSR2, answered in a file.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const folder = process.env['MARU_BENCH_LOOP_DIR'];
const RESOLUTION_MS = 1;

if (folder !== undefined) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  // The histogram holds times between two ticks of a timer, so that a loop that is never late shows its resolution.
  const lateMs = (percentile: number): number => Math.max(0, histogram.percentile(percentile) / 1e6 - RESOLUTION_MS);
  process.on('SIGUSR2', () => {
    const report = { p50Ms: lateMs(50), p99Ms: lateMs(99), maxMs: Math.max(0, histogram.max / 1e6 - RESOLUTION_MS), samples: histogram.count };
    histogram.reset();
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(report));
  });
}
