import { closeSync, openSync, writeSync } from 'node:fs';
import type { Trace } from '../../packages/platform/src/simulate/index.ts';

/** Writes a trace of so many requests: one after the other, copies of a trace, each with blocks of its own but for the first. */
export function writeLongTrace(path: string, trace: Trace, count: number): void {
  const spanMs = (trace.requests.at(-1)?.atMs ?? 0) + 3000;
  const perCopy = Math.max(...trace.requests.map(({ blocks }) => Math.max(0, ...blocks))) + 1;
  const file = openSync(path, 'w');
  let lines: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const copy = Math.floor(number / trace.requests.length);
    const request = trace.requests[number % trace.requests.length];
    if (request === undefined) break;
    const hash_ids = request.blocks.map((block) => (block === 0 ? 0 : block + copy * perCopy));
    lines.push(JSON.stringify({ timestamp: request.atMs + copy * spanMs, input_length: request.inputTokens, output_length: request.outputTokens, hash_ids }));
    if (lines.length < 2000 && number < count - 1) continue;
    writeSync(file, `${lines.join('\n')}\n`);
    lines = [];
  }
  closeSync(file);
}
