/** Cuts rows for statements of a few sizes only: each size is another statement to compile and to keep. */
export function* pieces<T>(rows: readonly T[]): Generator<readonly T[]> {
  let from = 0;
  for (const size of [64, 16, 4, 1]) for (; rows.length - from >= size; from += size) yield rows.slice(from, from + size);
}
