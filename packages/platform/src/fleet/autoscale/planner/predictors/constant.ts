import type { Predictor } from './predictor.ts';

/** The next value is the last one. */
export function createConstant(): Predictor {
  let last = 0;
  return {
    observe: (value) => {
      last = value;
    },
    next: () => last,
  };
}
