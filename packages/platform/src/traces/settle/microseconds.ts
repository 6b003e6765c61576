/** Milliseconds to whole microseconds; a time that is not a number becomes the start of 1970 rather than an error. */
export const toUs = (ms: number): number => (Number.isFinite(ms) ? Math.min(Math.max(Math.round(ms * 1000), 0), Number.MAX_SAFE_INTEGER) : 0);
export const toMs = (us: number): number => us / 1000;
