import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { PlatformError } from '@maru/api/errors';
import { type CellResult, cellKey, type SweepPlan } from './sweep-plan.ts';

/** The results of a sweep in a file, one per line, so that a sweep that was stopped goes on where it was. */
export interface SweepState {
  /** Results by the key of their cell. */
  readonly known: ReadonlyMap<string, CellResult>;
  add(result: CellResult): void;
}

/**
 * Opens or begins the file. Throws `config_invalid` when it is of a sweep over another trace, profile or objective. A last line
 * that was cut by a crash is forgotten.
 */
export function openSweepState(path: string, plan: SweepPlan): SweepState {
  const head = JSON.stringify({
    trace: plan.tracePath,
    limit: plan.limit,
    profile: plan.profile,
    slo: plan.slo,
    gpuUsdPerHour: plan.gpuUsdPerHour,
    maxWaiting: plan.maxWaiting,
    fleet: plan.fleet,
  });
  const known = new Map<string, CellResult>();
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  if (lines.length > 0 && lines[0] !== head) {
    throw new PlatformError('config_invalid', {
      message: `${path} holds the results of another sweep (other trace, profile, objective or price); name another file`,
    });
  }
  for (const line of lines.slice(1)) {
    const result = parsed(line);
    if (result !== undefined) known.set(cellKey(result.cell), result);
  }
  writeFileSync(path, [head, ...[...known.values()].map((result) => JSON.stringify(result)), ''].join('\n'));
  return { known, add: (result) => appendFileSync(path, `${JSON.stringify(result)}\n`) };
}

/** The results that a file of {@link openSweepState} holds now, in the order in which they came; none where there is no file. */
export const readSweepState = (path: string): readonly CellResult[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .slice(1)
        .flatMap((line) => parsed(line) ?? [])
    : [];

function parsed(line: string): CellResult | undefined {
  try {
    return line === '' ? undefined : (JSON.parse(line) as CellResult);
  } catch {
    return undefined;
  }
}
