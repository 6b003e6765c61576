/** A path in a configuration. */
export type Path = readonly (string | number)[];

/** Where something stands. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
