import { PlatformError } from '@maru/api/errors';
import type { Cloud } from '../credentials/cloud.ts';
import { type BearerToken, readToken, refused } from '../credentials/read-token.ts';
import { createRefreshing, type Refreshing } from '../credentials/refreshing.ts';

export interface EntraOptions {
  readonly tenantId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
}

const SCOPE = 'https://cognitiveservices.azure.com/.default';
const RESOURCE = 'https://cognitiveservices.azure.com';
const PUBLIC_AUTHORITY = 'https://login.microsoftonline.com';

/**
 * Tokens of Microsoft Entra for Azure OpenAI. Asked in this order: an application with its secret, a workload identity (a token that
 * Kubernetes writes into a file), the managed identity of App Service, the managed identity of a virtual machine.
 */
export function createEntraToken(options: EntraOptions, cloud: Cloud): Refreshing<BearerToken> {
  return createRefreshing({ clock: cloud.clock, fetch: (signal) => fetchToken(options, { cloud, signal }) });
}

interface Asking {
  readonly cloud: Cloud;
  readonly signal: AbortSignal;
}

async function fetchToken(options: EntraOptions, asking: Asking): Promise<BearerToken> {
  const { environment } = asking.cloud;
  const tenant = options.tenantId ?? environment['AZURE_TENANT_ID'];
  const client = options.clientId ?? environment['AZURE_CLIENT_ID'];
  const secret = options.clientSecret ?? environment['AZURE_CLIENT_SECRET'];
  const tokenFile = environment['AZURE_FEDERATED_TOKEN_FILE'];
  if (tenant !== undefined && client !== undefined && secret !== undefined) {
    return askAuthority(asking, { tenant, client, proof: { client_secret: secret } });
  }
  if (tenant !== undefined && client !== undefined && tokenFile !== undefined) {
    const assertion = await readAssertion(asking.cloud, tokenFile);
    const proof = { client_assertion: assertion, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
    return askAuthority(asking, { tenant, client, proof });
  }
  if (options.clientSecret !== undefined) {
    throw new PlatformError('upstream_credentials', {
      message: 'an Entra application needs a tenant and a client; set spec.provider.entra.tenantId and clientId, or AZURE_TENANT_ID and AZURE_CLIENT_ID',
    });
  }
  return askManagedIdentity(asking, client);
}

async function readAssertion(cloud: Cloud, path: string): Promise<string> {
  try {
    return (await cloud.readFile(path)).trim();
  } catch {
    throw refused('the workload identity', undefined, `the file ${path} of AZURE_FEDERATED_TOKEN_FILE can not be read`);
  }
}

interface Application {
  readonly tenant: string;
  readonly client: string;
  readonly proof: Readonly<Record<string, string>>;
}

async function askAuthority({ cloud, signal }: Asking, { tenant, client, proof }: Application): Promise<BearerToken> {
  const authority = (cloud.environment['AZURE_AUTHORITY_HOST'] ?? PUBLIC_AUTHORITY).replace(/\/+$/, '');
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: client, scope: SCOPE, ...proof }).toString();
  const url = `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
  const reply = await cloud.publicFetch.fetch({ url, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body }, signal);
  return readToken(reply, { from: 'Microsoft Entra', nowMs: cloud.clock.nowMs() });
}

async function askManagedIdentity({ cloud, signal }: Asking, client: string | undefined): Promise<BearerToken> {
  const endpoint = cloud.environment['IDENTITY_ENDPOINT'];
  const secret = cloud.environment['IDENTITY_HEADER'];
  const onAppService = endpoint !== undefined && secret !== undefined;
  const url = new URL(onAppService ? endpoint : 'http://169.254.169.254/metadata/identity/oauth2/token');
  url.searchParams.set('api-version', onAppService ? '2019-08-01' : '2018-02-01');
  url.searchParams.set('resource', RESOURCE);
  if (client !== undefined) url.searchParams.set('client_id', client);
  const headers: Record<string, string> = onAppService ? { 'x-identity-header': secret } : { metadata: 'true' };
  const reply = await cloud.metadataFetch.fetch({ url: url.href, method: 'GET', headers }, signal).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new PlatformError('upstream_credentials', {
      message: 'no key and no Entra identity was found; set spec.provider.apiKey or spec.provider.entra, or run on Azure with a managed identity',
      cause,
    });
  });
  return readToken(reply, { from: 'the managed identity', nowMs: cloud.clock.nowMs() });
}
