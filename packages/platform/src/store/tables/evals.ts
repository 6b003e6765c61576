/** Tables of the room `evals`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the room
export interface EvalsTables {}
