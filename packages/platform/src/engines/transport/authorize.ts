/** What a credential may have to know of a request. */
interface Outgoing {
  readonly method: string;
  readonly host: string;
  /** As it stands on the wire. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** Gives a request its credentials. */
export interface Authorize {
  /** Headers to add. Throws `upstream_credentials` when there are none to be had, and `cancelled`. */
  headers(outgoing: Outgoing, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** The provider refused what was given: the next request is to get fresh ones. */
  refused(): void;
  close(): Promise<void>;
}
