import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';

/** Whose answer it is; the client's key opens it, and is kept nowhere. */
export interface SealKey {
  readonly tenant: string;
  readonly key: string;
  /** Makes the key of each answer a different one. */
  readonly requestId: string;
}

const TAG_BYTES = 16;
/** A key is used for one answer only, so a constant nonce is never used twice with it. */
const NONCE = Buffer.alloc(12);

export const hashOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('base64url');
};

const keyOf = ({ tenant, key, requestId }: SealKey): Buffer => Buffer.from(hkdfSync('sha256', key, tenant, `maru idempotency ${requestId}`, 32));

/** Seals an answer so that the database alone does not tell it. */
export function sealAnswer(answer: Buffer, seal: SealKey): string {
  const cipher = createCipheriv('aes-256-gcm', keyOf(seal), NONCE);
  return Buffer.concat([cipher.update(answer), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** Throws when the key or the bytes are others. */
export function openAnswer(sealed: string, seal: SealKey): Buffer {
  const bytes = Buffer.from(sealed, 'base64');
  const cipher = createDecipheriv('aes-256-gcm', keyOf(seal), NONCE);
  cipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  return Buffer.concat([cipher.update(bytes.subarray(0, bytes.length - TAG_BYTES)), cipher.final()]);
}
