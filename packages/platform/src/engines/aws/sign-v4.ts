import { createHash, createHmac } from 'node:crypto';

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface SignedRequest {
  readonly method: string;
  readonly host: string;
  /** As it stands on the wire, without a query. */
  readonly path: string;
  /** Further headers to sign, lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

export interface SigningScope {
  readonly keys: AwsKeys;
  readonly region: string;
  readonly service: string;
  readonly nowMs: number;
}

const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Uint8Array | string, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Headers that sign a request: AWS Signature Version 4, for services other than S3. */
export function signV4(request: SignedRequest, { keys, region, service, nowMs }: SigningScope): Record<string, string> {
  const date = new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const day = date.slice(0, 8);
  const added: Record<string, string> = {
    'x-amz-date': date,
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
  };
  const headers = Object.entries({ ...request.headers, host: request.host, ...added }).sort(([left], [right]) => (left < right ? -1 : 1));
  const names = headers.map(([name]) => name).join(';');
  const canonical = [
    request.method,
    encodePath(request.path),
    '',
    ...headers.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}`),
    '',
    names,
    sha256(request.body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = hmac(hmac(hmac(hmac(`AWS4${keys.secretAccessKey}`, day), region), service), 'aws4_request');
  const signature = hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')).toString('hex');
  return { ...added, authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}` };
}

/** Encodes what stands on the wire once more, as every service but S3 wants it. */
const encodePath = (path: string): string =>
  path
    .split('/')
    .map((segment) => encodeURIComponent(segment).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`))
    .join('/');
