import { PlatformError } from '@maru/api/errors';

export interface GateResult {
  readonly means: Readonly<Record<string, number>>;
  readonly atLeast: Readonly<Record<string, number>>;
}

/** Lets a run pass when every mean reaches its threshold; throws `gate_failed` naming each that does not. */
export function runGate(gate: { name: string; atLeast: Readonly<Record<string, number>> }, means: Readonly<Record<string, number>>): GateResult {
  const short = Object.entries(gate.atLeast).flatMap(([evaluator, threshold]) => {
    const mean = means[evaluator];
    if (mean === undefined) return [`${evaluator} was not measured (needs ${threshold})`];
    // Written so that a mean which is not a number does not pass.
    return mean >= threshold ? [] : [`${evaluator} is ${mean} (needs ${threshold})`];
  });
  if (short.length > 0)
    throw new PlatformError('gate_failed', { message: `the gate "${gate.name}" is closed: ${short.join(', ')}`, details: { means, atLeast: gate.atLeast } });
  return { means, atLeast: gate.atLeast };
}
