/** Tables of the room `resources`. */
export interface ResourcesTables {
  resource: {
    /** `Kind/name`. */
    key: string;
    kind: string;
    name: string;
    /** The resource as JSON, with defaults filled in. */
    body: string;
    /** The text that a person wrote, with comments. */
    yaml: string;
    /** The file that it came from, or null when it was applied through the API. */
    file: string | null;
    /** SHA-256 of the text as last seen in the file. */
    file_hash: string | null;
    generation: number;
    updated_ms: number;
  };
}
