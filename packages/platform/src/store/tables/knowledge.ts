/** Tables of the room `knowledge`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the room
export interface KnowledgeTables {}
