import type { SecretRef } from '@maru/api/resources';

/** Turns a text into a vector of length 1. */
export interface GuardEmbedder {
  embed(text: string, signal: AbortSignal): Promise<Float32Array>;
}

/** What guardrails need from outside. */
export interface GuardrailPorts {
  readonly embedder: (model: string) => GuardEmbedder;
  readonly resolveSecret: (ref: SecretRef) => string | undefined;
  /** Posts JSON to an address that was checked against private networks; throws a PlatformError when there is no answer. */
  readonly post: (
    request: { url: string; headers: Readonly<Record<string, string>>; body: string },
    signal: AbortSignal,
  ) => Promise<{ status: number; text: string }>;
}
