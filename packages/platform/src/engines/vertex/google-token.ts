import { sign } from 'node:crypto';
import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { Cloud } from '../credentials/cloud.ts';
import { type BearerToken, readToken, refused } from '../credentials/read-token.ts';
import { createRefreshing, type Refreshing } from '../credentials/refreshing.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const TOKEN_URI = 'https://oauth2.googleapis.com/token';
const METADATA_URL = 'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token';
const ASSERTION_S = 3600;

const keySchema = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('service_account'),
    client_email: z.string(),
    private_key: z.string(),
    private_key_id: z.string().optional(),
    token_uri: z.url().default(TOKEN_URI),
    project_id: z.string().optional(),
  }),
  z.looseObject({ type: z.literal('authorized_user'), client_id: z.string(), client_secret: z.string(), refresh_token: z.string() }),
]);
type GoogleKey = z.infer<typeof keySchema>;
type ServiceAccount = Extract<GoogleKey, { type: 'service_account' }>;

/**
 * Tokens of Google Cloud: from the JSON key that the resource refers to, else from the file of GOOGLE_APPLICATION_CREDENTIALS, else from
 * the metadata server of the machine.
 */
export function createGoogleToken(keyText: string | undefined, cloud: Cloud): Refreshing<BearerToken> {
  return createRefreshing({
    clock: cloud.clock,
    async fetch(signal) {
      const key = await findKey(keyText, cloud);
      return key === undefined ? askMetadata(cloud, signal) : exchange(key, { cloud, signal });
    },
  });
}

async function findKey(keyText: string | undefined, cloud: Cloud): Promise<GoogleKey | undefined> {
  const path = cloud.environment['GOOGLE_APPLICATION_CREDENTIALS'];
  if (keyText !== undefined) return parseKey(keyText, 'spec.provider.google.serviceAccount');
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = await cloud.readFile(path);
  } catch {
    throw refused('Google Cloud', undefined, `the file ${path} of GOOGLE_APPLICATION_CREDENTIALS can not be read`);
  }
  return parseKey(text, path);
}

/** Never quotes the text: it is a private key. */
function parseKey(text: string, from: string): GoogleKey {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refused('Google Cloud', undefined, `${from} is not JSON`);
  }
  const parsed = keySchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'type').join(', ');
  throw refused('Google Cloud', undefined, `${from} is not the key of a service account or of a user; look at ${where}`);
}

interface Asking {
  readonly cloud: Cloud;
  readonly signal: AbortSignal;
}

async function exchange(key: GoogleKey, { cloud, signal }: Asking): Promise<BearerToken> {
  const nowMs = cloud.clock.nowMs();
  const fields: Record<string, string> =
    key.type === 'service_account'
      ? { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: toAssertion(key, nowMs) }
      : { grant_type: 'refresh_token', client_id: key.client_id, client_secret: key.client_secret, refresh_token: key.refresh_token };
  const reply = await cloud.publicFetch.fetch(
    {
      url: key.type === 'service_account' ? key.token_uri : TOKEN_URI,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    },
    signal,
  );
  return readToken(reply, { from: 'Google Cloud', nowMs });
}

/** A JWT that the service account signs (RFC 7523). */
function toAssertion(key: ServiceAccount, nowMs: number): string {
  const issuedS = Math.floor(nowMs / 1000);
  const header = { alg: 'RS256', typ: 'JWT', ...(key.private_key_id === undefined ? {} : { kid: key.private_key_id }) };
  const claims = { iss: key.client_email, scope: SCOPE, aud: key.token_uri, iat: issuedS, exp: issuedS + ASSERTION_S };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  try {
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), key.private_key).toString('base64url')}`;
  } catch {
    throw refused('Google Cloud', undefined, `the private key of ${key.client_email} can not be read; it must be PEM`);
  }
}

async function askMetadata(cloud: Cloud, signal: AbortSignal): Promise<BearerToken> {
  const request = { url: METADATA_URL, method: 'GET', headers: { 'metadata-flavor': 'Google' } } as const;
  const reply = await cloud.metadataFetch.fetch(request, signal).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new PlatformError('upstream_credentials', {
      message: 'no credentials of Google Cloud were found; set spec.provider.google.serviceAccount or GOOGLE_APPLICATION_CREDENTIALS, or run on Google Cloud',
      cause,
    });
  });
  return readToken(reply, { from: 'the metadata server of Google Cloud', nowMs: cloud.clock.nowMs() });
}
