import { readGenAi } from './gen-ai.ts';
import { readLangfuse } from './langfuse.ts';
import { readOpenInference } from './openinference.ts';
import type { Attributes, Dialect, Reading } from './reading.ts';
import { readVercelAi } from './vercel-ai.ts';

/** From the most to the least specific: the first that says something wins, field by field. */
const DIALECTS: readonly Dialect[] = [readLangfuse, readOpenInference, readVercelAi, readGenAi];

/** Reads a span's attributes in all dialects at once; instrumentations mix them. */
export function readAttributes(attributes: Attributes): Reading {
  const read: Reading = {};
  for (const dialect of DIALECTS.toReversed()) Object.assign(read, defined(dialect(attributes)));
  return read;
}

const defined = (reading: Reading): Reading => Object.fromEntries(Object.entries(reading).filter(([, value]) => value !== undefined));
