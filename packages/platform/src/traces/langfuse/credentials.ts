/** What a Langfuse client sent to identify itself. Whether it is valid is decided by who owns the keys. */
export interface LangfuseCredentials {
  readonly publicKey: string;
  /** Absent when only the public key was sent: such a client may send scores and nothing else. */
  readonly secretKey?: string;
}

/** Reads `Basic base64(public:secret)` or `Bearer public`; undefined for anything else. */
export function parseLangfuseCredentials(authorization: string | undefined): LangfuseCredentials | undefined {
  const match = /^(basic|bearer) +(\S{1,2000})$/i.exec(authorization?.trim() ?? '');
  if (match === null) return undefined;
  const [, scheme = '', value = ''] = match;
  if (scheme.toLowerCase() === 'bearer') return { publicKey: value };
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1 || colon === text.length - 1) return undefined;
  return { publicKey: text.slice(0, colon), secretKey: text.slice(colon + 1) };
}
