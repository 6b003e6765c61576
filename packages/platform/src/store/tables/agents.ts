/** Tables of the room `agents`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the room
export interface AgentsTables {}
