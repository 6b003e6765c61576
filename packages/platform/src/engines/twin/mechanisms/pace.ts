import type { TwinDriver } from '../twin-driver.ts';

/** How fast an engine computes: as a fault will have it, and not at all while it sleeps. */
export interface Pace {
  /** 1 is its own speed, 0 a hang. */
  disturbed(factor: number): void;
  asleep(asleep: boolean): void;
}

export function createPace(drivers: () => readonly TwinDriver[]): Pace {
  let factor = 1;
  let sleeps = false;
  const apply = (): void => {
    for (const driver of drivers()) driver.pace(sleeps ? 0 : factor);
  };
  return {
    disturbed: (wanted) => {
      factor = wanted;
      apply();
    },
    asleep: (wanted) => {
      sleeps = wanted;
      apply();
    },
  };
}
