/** Where traces go besides the own database: an address that takes OTLP over HTTP. */
export interface ExportTarget {
  /** For people: `otlp`, `langfuse`. */
  readonly name: string;
  /** Whole, with the path of traces. */
  readonly url: string;
  /** Lower-case names; secrets stand here and go nowhere else. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What became of a delivery: `again` may pass, `refused` will not. */
export type Delivery = { readonly outcome: 'taken'; readonly rejectedSpans: number } | { readonly outcome: 'again' | 'refused'; readonly why: string };

/** Sends one OTLP/JSON request. Never rejects but by its signal. */
export type DeliverSpans = (target: ExportTarget, body: string, signal: AbortSignal) => Promise<Delivery>;
