import type { NewSimulation, SimulationRow } from '@maru/api/wire';

/** The same policy at the same speed on the same number of replicas, in two simulations. */
export interface RowPair {
  readonly here: SimulationRow;
  readonly there: SimulationRow;
}

/** What both have played, in the order of the first. */
export const comparedRows = (here: readonly SimulationRow[], there: readonly SimulationRow[]): readonly RowPair[] =>
  here.flatMap((row) => {
    const other = there.find(({ policy, speed, replicas }) => policy === row.policy && speed === row.speed && replicas === row.replicas);
    return other === undefined ? [] : [{ here: row, there: other }];
  });

const SAME: readonly (keyof NewSimulation)[] = ['trace', 'requests', 'perSecond', 'profile', 'ttftMs', 'itlMs', 'gpuUsdPerHour', 'maxWaiting'];

/** Whether only policies, speeds, fleets and seeds differ. */
export const isLike = (left: NewSimulation, right: NewSimulation): boolean => SAME.every((name) => left[name] === right[name]);
