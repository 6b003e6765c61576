import type { CanonicalRequest, Format } from '#formats';

/** Between the client's format and the engine's, for one attempt. */
export interface Translation {
  readonly client: Format;
  readonly engine: Format;
  /** What the client asked for. */
  readonly request: CanonicalRequest;
}
