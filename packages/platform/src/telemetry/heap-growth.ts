import { setFlagsFromString } from 'node:v8';

let holders = 0;

/**
 * Keeps the young part of the heap small until the returned function is called. Loading a large library makes garbage in a burst; V8 would
 * answer with a young generation that it never gives back, several times what the library itself needs. Under load it may grow again.
 */
export function holdHeapGrowth(): () => void {
  holders += 1;
  if (holders === 1) setFlagsFromString('--semi-space-growth-factor=1');
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holders -= 1;
    if (holders === 0) setFlagsFromString('--semi-space-growth-factor=2');
  };
}

/**
 * Has the old part of the heap collected when it has grown by three fifths since the last time. V8 would wait until it is several times as large, as
 * after loading libraries, and hardly gives back what it then has.
 */
export const limitHeapGrowth = (): void => setFlagsFromString('--heap-growing-percent=60');
