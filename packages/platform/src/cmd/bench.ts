import type { LoadReport } from '@maru/api/records';
import type { BenchOptions, BenchWatch } from '#cli';
import { type LoadShape, parseLengths, runLoadTest } from '#loadtest';
import { readTrace } from '#simulate';
import { createSystemClock } from '#time';

/** Fits the load test to the command line. */
export async function bench(options: BenchOptions, watch: BenchWatch, client: LoadReport['client']): Promise<LoadReport> {
  const { load, input, output, ...rest } = options;
  const shape = await shapeOf(load);
  return runLoadTest(
    { ...rest, load: shape, input: parseLengths(input), output: parseLengths(output), client },
    { clock: createSystemClock(), signal: watch.signal, onProgress: watch.onProgress },
  );
}

async function shapeOf(load: BenchOptions['load']): Promise<LoadShape> {
  const { requests, durationMs, maxConcurrency } = load;
  if (load.trace !== undefined) {
    const { blockTokens, requests: lines } = await readTrace(load.trace);
    const name = load.trace.replace(/^.*[\\/]/, '');
    return { mode: 'trace', trace: { name, blockTokens, requests: lines.slice(0, load.limit) }, speed: load.speed, maxConcurrency };
  }
  if (load.ratesPerS.length > 0) return { mode: 'rate', levels: load.ratesPerS, arrivals: load.arrivals, maxConcurrency, requests, durationMs };
  return { mode: 'concurrency', levels: load.concurrency, requests, durationMs };
}
