import { refused } from '../credentials/read-token.ts';
import type { AwsAsking, AwsCredentials } from './aws-asking.ts';
import { type AwsKeys, signV4 } from './sign-v4.ts';

export interface RoleOptions {
  readonly keys: AwsKeys;
  readonly roleArn: string;
  readonly externalId?: string | undefined;
}

export interface WebIdentityOptions {
  readonly tokenFile: string;
  readonly roleArn: string;
}

const SESSION = 'maru';

/** Takes a role on with keys. Throws `upstream_credentials` with the reason of AWS. */
export function assumeRole({ keys, roleArn, externalId }: RoleOptions, asking: AwsAsking): Promise<AwsCredentials> {
  const fields = { Action: 'AssumeRole', RoleArn: roleArn, ...(externalId === undefined ? {} : { ExternalId: externalId }) };
  return askSts(fields, { asking, keys });
}

/** Takes a role on with the token that Kubernetes writes into a file (IRSA). Throws `upstream_credentials`. */
export async function assumeRoleWithWebIdentity({ tokenFile, roleArn }: WebIdentityOptions, asking: AwsAsking): Promise<AwsCredentials> {
  const token = await asking.cloud.readFile(tokenFile).catch(() => {
    throw refused('AWS', undefined, `the web identity token file ${tokenFile} can not be read`);
  });
  return askSts({ Action: 'AssumeRoleWithWebIdentity', RoleArn: roleArn, WebIdentityToken: token.trim() }, { asking });
}

interface StsCall {
  readonly asking: AwsAsking;
  readonly keys?: AwsKeys;
}

async function askSts(fields: Readonly<Record<string, string>>, { asking, keys }: StsCall): Promise<AwsCredentials> {
  const { cloud, region, signal } = asking;
  const url = new URL(cloud.environment['AWS_ENDPOINT_URL_STS'] ?? `https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`);
  const body = new URLSearchParams({ Version: '2011-06-15', RoleSessionName: cloud.environment['AWS_ROLE_SESSION_NAME'] ?? SESSION, ...fields }).toString();
  const contentType = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = { method: 'POST', host: url.host, path: url.pathname, headers: contentType, body };
  const signature = keys === undefined ? {} : signV4(request, { keys, region, service: 'sts', nowMs: cloud.clock.nowMs() });
  const reply = await cloud.publicFetch.fetch({ url: url.href, method: 'POST', headers: { ...contentType, ...signature }, body }, signal);
  const text = Buffer.from(reply.body).toString('utf8');
  const read = (name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  const accessKeyId = read('AccessKeyId');
  const secretAccessKey = read('SecretAccessKey');
  if (reply.status !== 200 || accessKeyId === undefined || secretAccessKey === undefined) {
    throw refused(
      'AWS STS',
      reply.status,
      [read('Code'), read('Message')]
        .filter((part) => part !== undefined)
        .join(': ')
        .slice(0, 300) || 'it gave no reason',
    );
  }
  const expiresAtMs = Date.parse(read('Expiration') ?? '');
  return { accessKeyId, secretAccessKey, sessionToken: read('SessionToken'), ...(Number.isNaN(expiresAtMs) ? {} : { expiresAtMs }) };
}
