/** Tables of the room `knowledge`. */
export interface KnowledgeTables {
  knowledge_base: {
    name: string;
    /** JSON: embedding, retrieval. */
    settings: string;
    /** Rises with every change of a document; an index compares it to know that it is stale. */
    generation: number;
    state: string;
    started_ms: number | null;
    ended_ms: number | null;
    updated_ms: number;
    error: string | null;
  };
  knowledge_document: {
    id: string;
    base: string;
    path: string;
    title: string;
    kind: string;
    bytes: number;
    /** SHA-256 of the file. */
    hash: string;
    /** Of loader, chunking and embedding: a change reads the document again. */
    fingerprint: string;
    embedding: string;
    state: string;
    error_code: string | null;
    error_message: string | null;
    note: string | null;
    passages: number;
    /** Generation of the base that wrote this row. */
    revision: number;
    ingested_ms: number;
    /** The text that the offsets of the passages count in. */
    text: string;
  };
  knowledge_passage: {
    id: string;
    base: string;
    document_id: string;
    ordinal: number;
    /** JSON list of headings, outermost first. */
    headings: string;
    anchor: string | null;
    page: number | null;
    start_offset: number;
    end_offset: number;
    text: string;
    /** Little-endian 32 bit floats. */
    vector: Uint8Array;
  };
}
