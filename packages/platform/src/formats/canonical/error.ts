/** What kind of failure a vendor reports, whatever its own name for it. */
export type FailureKind =
  | 'invalid-request'
  | 'context-length'
  | 'content-policy'
  | 'too-large'
  | 'authentication'
  | 'permission'
  | 'billing'
  | 'not-found'
  | 'conflict'
  | 'rate-limit'
  | 'overloaded'
  | 'timeout'
  | 'cut'
  | 'garbage'
  | 'server';

/** An error of a vendor, or of a stream, as all formats mean it. */
export interface CanonicalError {
  readonly kind: FailureKind;
  /** HTTP status that it came with, or that its kind means. */
  readonly status: number;
  readonly message: string;
  /** The code in the vendor's words, or the platform's. */
  readonly code?: string;
  /** The vendor's `type`, given back to the same format. */
  readonly type?: string;
  readonly param?: string;
}
