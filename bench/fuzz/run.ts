import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { openTargets, type Target } from './targets.ts';

/** Throws changed inputs at every parser that faces a client or an upstream. `--seconds` for all targets together, `--seed` to repeat. */
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } } });
const seed = Number(values.seed);

async function fuzz(target: Target, limitMs: number): Promise<{ readonly inputs: number; readonly ms: number; readonly failure: string | undefined }> {
  const began = performance.now();
  const result = await fc.check(target.property, {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: limitMs,
    markInterruptAsFailure: false,
    endOnFailure: false,
  });
  await target.close?.();
  const failure = result.failed ? `${String(result.errorInstance)}\n  with ${JSON.stringify(result.counterexample).slice(0, 2000)}` : undefined;
  return { inputs: result.numRuns + result.numShrinks, ms: performance.now() - began, failure };
}

const targets = await openTargets();
const failures: string[] = [];
let inputs = 0;
console.log('| Target | Inputs | Inputs/s | Failures |\n|---|---|---|---|');
for (const target of targets) {
  const outcome = await fuzz(target, (Number(values.seconds) * 1000) / targets.length);
  inputs += outcome.inputs;
  if (outcome.failure !== undefined) failures.push(`${target.name}: ${outcome.failure}`);
  console.log(`| ${target.name} | ${outcome.inputs} | ${Math.round(outcome.inputs / (outcome.ms / 1000))} | ${outcome.failure === undefined ? 0 : 1} |`);
}
console.log(`\n${inputs} inputs, ${failures.length} failures, seed ${seed}`);
for (const failure of failures) console.error(`\n${failure}`);
process.exit(failures.length === 0 ? 0 : 1);
