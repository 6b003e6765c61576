/** One line of a chart: its own points, in the order of x. */
export interface Line {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number | null])[];
  /** Points that must not be read like the others. */
  readonly hollow?: readonly boolean[];
}

type Column = readonly (number | null | undefined)[];

/** Columns over the x of all lines together: `null` is a gap, `undefined` is passed over. After each line come its hollow points. */
export function alignLines(lines: readonly Line[]): readonly [readonly number[], ...Column[]] {
  const xs = [...new Set(lines.flatMap(({ points }) => points.map(([x]) => x)))].sort((left, right) => left - right);
  const columns = lines.flatMap(({ points, hollow }): Column[] => {
    const values = new Map(points);
    const marked = new Map(points.filter((_point, index) => hollow?.[index] === true));
    return [xs.map((x) => values.get(x)), xs.map((x) => marked.get(x))];
  });
  return [xs, ...columns];
}
