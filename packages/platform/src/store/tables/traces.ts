/** Tables of the room `traces`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the room
export interface TracesTables {}
