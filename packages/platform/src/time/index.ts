export { type BackoffOptions, backoffMs } from './backoff.ts';
export { type Clock, createFakeClock, createSystemClock, type FakeClock, type Timer } from './clock.ts';
export { createIds, createRandom, createSeededIds, type Ids } from './ids.ts';
export { type Repetition, repeat } from './repeat.ts';
