import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Size at which the young part of the heap no longer grows. V8 would let it have 96 MB, which it never gives back while there is load. */
const MOST_YOUNG_BYTES = 32 * 1024 * 1024;

let holders = 0;
let isFull = false;
let factor = 0;

/**
 * Keeps the young part of the heap small until the returned function is called. Loading a large library makes garbage in a burst; V8 would
 * answer with a young generation that it never gives back, several times what the library itself needs. Under load it may grow again.
 */
export function holdHeapGrowth(): () => void {
  holders += 1;
  setFactor();
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    holders -= 1;
    setFactor();
  };
}

/**
 * Has the old part of the heap collected when it has grown by three fifths since the last time. V8 would wait until it is several times as large, as
 * after loading libraries, and hardly gives back what it then has. The young part stops growing once it has so many bytes.
 */
export function limitHeapGrowth(mostYoungBytes = MOST_YOUNG_BYTES): void {
  setFlagsFromString('--heap-growing-percent=60');
  // It grows at collections, twofold; a turn of the event loop that makes much garbage can pass the bound before this looks.
  new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
    isFull = (young?.space_size ?? 0) >= mostYoungBytes;
    setFactor();
  }).observe({ entryTypes: ['gc'] });
}

function setFactor(): void {
  const wanted = holders > 0 || isFull ? 1 : 2;
  if (wanted !== factor) setFlagsFromString(`--semi-space-growth-factor=${wanted}`);
  factor = wanted;
}
