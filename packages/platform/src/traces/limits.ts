/** Limits on what a client can make the room keep; what is longer is cut and says so. */
export const LIMITS = Object.freeze({
  /** Bytes of an unpacked OTLP or Langfuse request. */
  unpackedBytes: 32 * 1024 * 1024,
  /** Spans of one OTLP request; the rest is refused in the answer. */
  spansPerRequest: 20_000,
  /** Events of one Langfuse batch. */
  eventsPerBatch: 5_000,
  idLength: 200,
  nameLength: 500,
  messageLength: 2_000,
  /** Characters of the JSON of an input or output. */
  contentLength: 1_000_000,
  /** Characters of the JSON of one attribute; ten times as much for all of a span. */
  attributeLength: 16_000,
  attributesPerSpan: 256,
  eventsPerSpan: 64,
  linksPerSpan: 32,
  /** Characters of one attribute that is kept when content is not captured. */
  uncapturedLength: 200,
  /** Nested arrays and objects inside an attribute. */
  attributeDepth: 16,
  /** Characters of one record of the spool. */
  spoolRecordLength: 4_000_000,
  /** Bytes that may wait for the database before spans are refused. */
  backlogBytes: 512 * 1024 * 1024,
});

/** The text, cut to a length. */
export const cutText = (text: string, length: number): string => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
