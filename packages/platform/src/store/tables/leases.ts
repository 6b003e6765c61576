/** A lease: who may do a thing alone, until when. */
export interface LeaseTables {
  lease: {
    name: string;
    holder: string;
    /** Rises with every new holder; lets a late writer be refused. */
    fence: number;
    expires_ms: number;
  };
}
