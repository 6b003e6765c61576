/** Tables of the room `resources`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the room
export interface ResourcesTables {}
