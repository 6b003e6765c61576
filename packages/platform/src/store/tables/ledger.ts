/** Tables of the room `ledger`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the room
export interface LedgerTables {}
