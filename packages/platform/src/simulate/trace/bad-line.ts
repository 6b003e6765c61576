import { PlatformError } from '@maru/api/errors';

/** An error that names the line, counted from 1. */
export const badLine = (line: number, problem: string, cause?: unknown): PlatformError =>
  new PlatformError('invalid_request', { message: `line ${line} of the trace is wrong: ${problem}`, details: { line }, cause });

/** A trace is read as a stream, which can not be sorted. */
export const outOfOrder = (line: number, atMs: number, lastMs: number): PlatformError =>
  badLine(line, `its time, ${atMs} ms, is before the ${lastMs} ms of the request above it; sort the trace by time`);
