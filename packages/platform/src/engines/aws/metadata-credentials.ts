import type { GuardedReply } from '#http';
import { readCredentialJson, refused } from '../credentials/read-token.ts';
import type { AwsAsking, AwsCredentials } from './aws-asking.ts';

const CONTAINER_HOST = 'http://169.254.170.2';
const INSTANCE = 'http://169.254.169.254/latest';

/** Credentials of a container (ECS, EKS Pod Identity); undefined where the environment names none. Throws `upstream_credentials`. */
export async function fromContainer({ cloud, signal }: AwsAsking): Promise<AwsCredentials | undefined> {
  const { environment } = cloud;
  const relative = environment['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const url = relative === undefined ? environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'] : CONTAINER_HOST + relative;
  if (url === undefined) return undefined;
  const file = environment['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  const token = file === undefined ? environment['AWS_CONTAINER_AUTHORIZATION_TOKEN'] : await readTokenFile(file, cloud.readFile);
  const headers: Record<string, string> = token === undefined ? {} : { authorization: token };
  const fetcher = url.startsWith('https:') ? cloud.publicFetch : cloud.metadataFetch;
  return readKeys(await fetcher.fetch({ url, method: 'GET', headers }, signal), 'the container endpoint of AWS');
}

/** Credentials of the role of an EC2 instance (IMDSv2); undefined where nobody answers. */
export async function fromInstance({ cloud, signal }: AwsAsking): Promise<AwsCredentials | undefined> {
  if (cloud.environment['AWS_EC2_METADATA_DISABLED'] === 'true') return undefined;
  const ask = (path: string, options: { readonly method: 'GET' | 'PUT'; readonly headers: Readonly<Record<string, string>> }): Promise<GuardedReply> =>
    cloud.metadataFetch.fetch({ url: INSTANCE + path, timeoutMs: 1000, ...options }, signal);
  try {
    const session = toText(await ask('/api/token', { method: 'PUT', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' } }));
    const get = { method: 'GET', headers: { 'x-aws-ec2-metadata-token': session } } as const;
    const role = toText(await ask('/meta-data/iam/security-credentials/', get)).split('\n')[0] ?? '';
    return readKeys(await ask(`/meta-data/iam/security-credentials/${encodeURIComponent(role)}`, get), 'the metadata service of the instance');
  } catch {
    if (signal.aborted) throw signal.reason;
    return undefined;
  }
}

function toText(reply: GuardedReply): string {
  if (reply.status !== 200) throw refused('the metadata service of the instance', reply.status, 'it has no role');
  return Buffer.from(reply.body).toString('utf8').trim();
}

async function readTokenFile(path: string, readFile: (path: string) => Promise<string>): Promise<string> {
  try {
    return (await readFile(path)).trim();
  } catch {
    throw refused('AWS', undefined, `the file ${path} of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE can not be read`);
  }
}

function readKeys(reply: GuardedReply, from: string): AwsCredentials {
  const value = readCredentialJson(reply, from);
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: token, Expiration: expiration } = value;
  if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string') throw refused(from, reply.status, 'there are no keys in its answer');
  const expiresAtMs = typeof expiration === 'string' ? Date.parse(expiration) : Number.NaN;
  return {
    accessKeyId,
    secretAccessKey,
    ...(typeof token === 'string' ? { sessionToken: token } : {}),
    ...(Number.isNaN(expiresAtMs) ? {} : { expiresAtMs }),
  };
}
