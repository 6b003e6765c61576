import type { FleetSample, ScalingPolicy } from '#fleet';
import type { Clock } from '#time';
import type { Fleet } from './fleet.ts';
import { sampleFleet } from './fleet-sample.ts';

export interface ScalingLoopOptions {
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly policy: ScalingPolicy;
  readonly now: () => Pick<FleetSample, 'held' | 'totals'>;
  /** Ends the loop, and with it the simulation. */
  readonly isOver: () => boolean;
}

/** Asks a scaling policy as often as it wants, and does what it says, until all is over. */
export function startScalingLoop({ clock, fleet, policy, now, isOver }: ScalingLoopOptions): void {
  const tick = (): void => {
    if (isOver()) return;
    fleet.scaleTo(policy.decide(sampleFleet(fleet, { atMs: clock.monotonicMs(), ...now() })));
    clock.schedule(policy.everyMs, tick);
  };
  // The first look comes after the first interval: before, nothing was there to be seen.
  clock.schedule(policy.everyMs, tick);
}
