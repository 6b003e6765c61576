/**
 * The x ≥ 0 with the least sum of squares of rows · x − values. Exact: every set of columns that may be above zero is tried,
 * which is quick for the few columns that a step model has, and can not get stuck.
 */
export function nonNegativeLeastSquares(rows: readonly (readonly number[])[], values: readonly number[]): readonly number[] {
  const columns = rows[0]?.length ?? 0;
  const gram = Array.from({ length: columns }, (_, i) => Array.from({ length: columns }, (_unused, j) => dot(rows, i, (row) => row[j] ?? 0)));
  const right = Array.from({ length: columns }, (_, i) => dot(rows, i, (_row, index) => values[index] ?? 0));
  let best: readonly number[] = new Array<number>(columns).fill(0);
  let bestGain = 0;
  for (let set = 1; set < 1 << columns; set += 1) {
    const active = Array.from({ length: columns }, (_, index) => index).filter((index) => (set & (1 << index)) !== 0);
    const part = solve(
      active.map((i) => active.map((j) => gram[i]?.[j] ?? 0)),
      active.map((i) => right[i] ?? 0),
    );
    if (part === undefined || part.some((value) => value < 0)) continue;
    // At the minimum over a set of columns, the sum of squares falls by x · right.
    const gain = active.reduce((sum, column, index) => sum + (part[index] ?? 0) * (right[column] ?? 0), 0);
    if (gain <= bestGain) continue;
    bestGain = gain;
    const found = new Array<number>(columns).fill(0);
    active.forEach((column, index) => {
      found[column] = part[index] ?? 0;
    });
    best = found;
  }
  return best;
}

function dot(rows: readonly (readonly number[])[], column: number, other: (row: readonly number[], index: number) => number): number {
  return rows.reduce((sum, row, index) => sum + (row[column] ?? 0) * other(row, index), 0);
}

/** Solves a symmetric system by Cholesky; undefined when it has no unique answer. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] | undefined {
  const size = right.length;
  const lower: number[][] = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const at = (row: number, column: number): number => lower[row]?.[column] ?? 0;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = matrix[row]?.[column] ?? 0;
      for (let index = 0; index < column; index += 1) sum -= at(row, index) * at(column, index);
      if (row === column && sum <= 1e-14 * (matrix[row]?.[row] ?? 0)) return undefined;
      const line = lower[row];
      if (line !== undefined) line[column] = row === column ? Math.sqrt(sum) : sum / at(column, column);
    }
  }
  const half = [...right];
  for (let row = 0; row < size; row += 1) {
    for (let index = 0; index < row; index += 1) half[row] = (half[row] ?? 0) - at(row, index) * (half[index] ?? 0);
    half[row] = (half[row] ?? 0) / at(row, row);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    for (let index = row + 1; index < size; index += 1) half[row] = (half[row] ?? 0) - at(index, row) * (half[index] ?? 0);
    half[row] = (half[row] ?? 0) / at(row, row);
  }
  return half;
}
