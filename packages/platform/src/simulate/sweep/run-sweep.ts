import { type CellResult, cellKey, cellsOf, type SweepPlan } from './sweep-plan.ts';
import { openSweepState } from './sweep-state.ts';
import { runInThreads } from './worker-pool.ts';

export interface SweepOptions {
  /** Simulations at a time, each in a thread of its own. */
  readonly threads: number;
  /** Beside a server: threads take only what others leave of the processors, and a bounded memory. */
  readonly background?: boolean | undefined;
  readonly signal: AbortSignal;
  /** Keeps results, and goes on where a sweep with the same file was stopped. */
  readonly statePath?: string | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/**
 * Plays a trace for every combination of policy, load, fleet and seed; results come in the order of the plan, whatever the
 * threads do. Throws `cancelled` when it is aborted, and what a simulation throws.
 */
export async function runSweep(plan: SweepPlan, options: SweepOptions): Promise<readonly CellResult[]> {
  const cells = cellsOf(plan);
  const state = options.statePath === undefined ? undefined : openSweepState(options.statePath, plan);
  const found = new Map<string, CellResult>(state?.known);
  const open = cells.filter((cell) => !found.has(cellKey(cell)));
  options.onProgress?.(cells.length - open.length, cells.length);
  await runInThreads(plan, open, {
    threads: options.threads,
    background: options.background === true,
    signal: options.signal,
    onResult: (result) => {
      found.set(cellKey(result.cell), result);
      state?.add(result);
      options.onProgress?.(cells.filter((cell) => found.has(cellKey(cell))).length, cells.length);
    },
  });
  return cells.flatMap((cell) => found.get(cellKey(cell)) ?? []);
}
