import { PlatformError } from '@maru/api/errors';
import { loadReportSchema } from '@maru/api/records';
import { z } from 'zod';
import type { Measurements } from './measured-time.ts';
import { readLoadReport } from './read-load-report.ts';
import { readStepTimes, stepTimesSchema } from './read-step-times.ts';

const fileSchema = z.discriminatedUnion('kind', [stepTimesSchema, loadReportSchema]);

/**
 * Reads the text of a file of measurements: what `bench/gpu/measure.py` or `maru bench` has written.
 * Throws `invalid_request` with the first field that is wrong, or when no time in it says anything about a step.
 */
export function readMeasurements(text: string): Measurements {
  const result = fileSchema.safeParse(parse(text));
  if (!result.success) {
    const issue = result.error.issues[0];
    throw bad(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}; want a file of "maru bench --out" or of bench/gpu/measure.py`);
  }
  const measurements = result.data.kind === 'maru-step-times' ? readStepTimes(result.data) : readLoadReport(result.data);
  if (measurements.times.length === 0) throw bad('no stage with a fixed concurrency has a completed request; run "maru bench ENDPOINT --concurrency 1,2,4"');
  return measurements;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw bad('it is not valid JSON', cause);
  }
}

const bad = (problem: string, cause?: unknown): PlatformError =>
  new PlatformError('invalid_request', { message: `the file of measurements can not be used: ${problem}`, ...(cause === undefined ? {} : { cause }) });
