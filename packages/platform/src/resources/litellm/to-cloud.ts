import type { Model } from '@maru/api/resources';
import type { Entry } from './entry.ts';
import type { Notices } from './notices.ts';
import type { Path } from './place.ts';
import type { Variables } from './variables.ts';

type Provider = NonNullable<Model['spec']['provider']>;

export interface CloudOptions {
  readonly entry: Entry;
  readonly variables: Variables;
  readonly notices: Notices;
}

const AZURE = ['api_version', 'tenant_id', 'client_id', 'client_secret'];
const VERTEX = ['vertex_project', 'vertex_location', 'vertex_credentials'];
const AWS = [
  'aws_region_name',
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
  'aws_profile_name',
  'aws_role_name',
  'aws_external_id',
  'aws_bedrock_runtime_endpoint',
];
const CLOUD_KEY = /^(aws|azure|vertex|watsonx|tenant|client|region)_|^api_version$/;

/** What the providers of clouds need besides a key: versions, projects, regions and credentials. Keys that the provider does not read are named. */
export function toCloud(provider: Provider['name'], options: CloudOptions): Partial<Provider> {
  const { entry, notices } = options;
  const used = provider === 'azure' ? AZURE : provider === 'vertex' ? VERTEX : provider === 'bedrock' ? AWS : [];
  for (const key of Object.keys(entry.written))
    if (CLOUD_KEY.test(key) && !used.includes(key) && entry.written[key] !== null)
      notices.warn(pathTo(entry, key), `is not taken over: the provider "${provider}" has no such setting`);
  if (provider === 'azure') return toAzure(options);
  if (provider === 'vertex') return toVertex(options);
  return provider === 'bedrock' ? toBedrock(options) : {};
}

const pathTo = (entry: Entry, key: string): Path => [...entry.path, 'litellm_params', key];
const textOf = (entry: Entry, key: string): string | undefined => {
  const value = entry.params[key];
  return value === undefined || value === null || value === '' ? undefined : String(value);
};

function toAzure({ entry, variables }: CloudOptions): Partial<Provider> {
  const apiVersion = textOf(entry, 'api_version') ?? variables.read('AZURE_API_VERSION');
  const [tenantId, clientId] = [textOf(entry, 'tenant_id'), textOf(entry, 'client_id')];
  const clientSecret = variables.secret(entry.written['client_secret'], pathTo(entry, 'client_secret'));
  const entra = {
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
  };
  return { ...(apiVersion === undefined ? {} : { apiVersion }), ...(Object.keys(entra).length === 0 ? {} : { entra }) };
}

function toVertex({ entry, variables, notices }: CloudOptions): Partial<Provider> {
  const project = textOf(entry, 'vertex_project') ?? variables.read('VERTEXAI_PROJECT');
  const region = textOf(entry, 'vertex_location') ?? variables.read('VERTEXAI_LOCATION');
  const path = pathTo(entry, 'vertex_credentials');
  const written = entry.written['vertex_credentials'];
  const plain = typeof written === 'string' ? variables.resolve(written, path) : written;
  const isPath = typeof plain === 'string' && !plain.trimStart().startsWith('{');
  if (isPath) notices.warn(path, 'is a path: set GOOGLE_APPLICATION_CREDENTIALS to it, or give the JSON itself');
  const serviceAccount = isPath ? undefined : variables.secret(written, path);
  return {
    ...(project === undefined ? {} : { project }),
    ...(region === undefined ? {} : { region }),
    ...(serviceAccount === undefined ? {} : { google: { serviceAccount } }),
  };
}

function toBedrock({ entry, variables }: CloudOptions): Partial<Provider> {
  const secret = (key: string) => variables.secret(entry.written[key], pathTo(entry, key));
  const region = textOf(entry, 'aws_region_name') ?? variables.read('AWS_REGION_NAME');
  const [accessKeyId, secretAccessKey, sessionToken] = [secret('aws_access_key_id'), secret('aws_secret_access_key'), secret('aws_session_token')];
  const [profile, roleArn, externalId] = [textOf(entry, 'aws_profile_name'), textOf(entry, 'aws_role_name'), textOf(entry, 'aws_external_id')];
  const baseUrl = textOf(entry, 'aws_bedrock_runtime_endpoint');
  const aws = {
    ...(accessKeyId === undefined ? {} : { accessKeyId }),
    ...(secretAccessKey === undefined ? {} : { secretAccessKey }),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(profile === undefined ? {} : { profile }),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(externalId === undefined ? {} : { externalId }),
  };
  return {
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(region === undefined ? {} : { region }),
    ...(Object.keys(aws).length === 0 ? {} : { aws }),
  };
}
