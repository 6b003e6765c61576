/** Tables of the room `cache`. */
export interface CacheTables {
  cache_entry: {
    key: string;
    tenant: string;
    stored_ms: number;
    expires_ms: number;
    size_bytes: number;
    answer: Uint8Array;
  };
}
