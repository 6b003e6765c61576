/** Solves a symmetric system by elimination with pivots; `ridge` is added to the diagonal, in shares of its mean. Zero where nothing is told. */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[], ridge: number): readonly number[] {
  const size = right.length;
  const mean = matrix.reduce((sum, line, index) => sum + (line[index] ?? 0), 0) / Math.max(1, size);
  const lines = matrix.map((line, index) => [...line.map((value, column) => (column === index ? value + ridge * mean : value)), right[index] ?? 0]);
  for (let step = 0; step < size; step += 1) {
    let pivot = step;
    for (let row = step + 1; row < size; row += 1) if (Math.abs(lines[row]?.[step] ?? 0) > Math.abs(lines[pivot]?.[step] ?? 0)) pivot = row;
    [lines[step], lines[pivot]] = [lines[pivot] ?? [], lines[step] ?? []];
    const top = lines[step] ?? [];
    const lead = top[step] ?? 0;
    if (Math.abs(lead) < Number.MIN_VALUE * 1e10) continue;
    for (let row = 0; row < size; row += 1) {
      const line = lines[row];
      if (row === step || line === undefined) continue;
      const factor = (line[step] ?? 0) / lead;
      for (let column = step; column <= size; column += 1) line[column] = (line[column] ?? 0) - factor * (top[column] ?? 0);
    }
  }
  return lines.map((line, index) => (Math.abs(line[index] ?? 0) < Number.MIN_VALUE * 1e10 ? 0 : (line[size] ?? 0) / (line[index] ?? 1)));
}
