/** A batch that has lines to run. */
export interface Candidate {
  readonly batchId: string;
  readonly tenant: string;
  readonly createdMs: number;
}

export interface FairState {
  /** Lines that run now, per tenant. */
  readonly running: ReadonlyMap<string, number>;
  /** When a tenant was served last, as a rising number. */
  readonly served: ReadonlyMap<string, number>;
}

/**
 * Which batch runs a line next: the tenant with the fewest running lines, of these the one that was served longest ago, and of its batches
 * the oldest. A tenant with many or large batches never holds another one up for more than a line of each.
 */
export function pickNext(candidates: readonly Candidate[], { running, served }: FairState): Candidate | undefined {
  let best: Candidate | undefined;
  for (const candidate of candidates) if (best === undefined || comesBefore(candidate, best)) best = candidate;
  return best;

  function comesBefore(left: Candidate, right: Candidate): boolean {
    const runs = (running.get(left.tenant) ?? 0) - (running.get(right.tenant) ?? 0);
    if (runs !== 0) return runs < 0;
    const turn = (served.get(left.tenant) ?? 0) - (served.get(right.tenant) ?? 0);
    if (turn !== 0) return turn < 0;
    return left.createdMs < right.createdMs || (left.createdMs === right.createdMs && left.batchId < right.batchId);
  }
}
