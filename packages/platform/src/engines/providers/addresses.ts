import { PlatformError } from '@maru/api/errors';
import type { Model } from '@maru/api/resources';
import type { ProviderEntry } from './provider-entry.ts';

type Provider = NonNullable<Model['spec']['provider']>;
type Environment = Readonly<Record<string, string | undefined>>;

export interface AddressOptions {
  /** Name of the Model. */
  readonly name: string;
  readonly provider: Provider;
  readonly entry: ProviderEntry;
  readonly environment: Environment;
}

/** The base URLs of a provider, at least one. Throws `resource_invalid` when an address or a key that it needs is missing. */
export function addressesOf({ name, provider, entry, environment }: AddressOptions): readonly string[] {
  if (provider.endpoints !== undefined && provider.endpoints.length > 0) return provider.endpoints;
  if (provider.baseUrl !== undefined) return [provider.baseUrl];
  if (entry.needsKey && provider.apiKey === undefined) {
    throw invalid(name, `${provider.name} needs a key; set spec.provider.apiKey to {env: NAME} or {secret: NAME, key: KEY}`);
  }
  if (entry.transport === 'vertex') return [vertexUrl(name, provider, environment)];
  if (entry.transport === 'bedrock') return [bedrockUrl(name, provider, environment)];
  if (entry.baseUrl !== undefined) return [entry.baseUrl];
  throw invalid(
    name,
    `the provider "${provider.name}" has no address of its own; set spec.provider.baseUrl (${entry.addressForm ?? 'http://HOST:PORT/v1'}) or spec.provider.endpoints`,
  );
}

function vertexUrl(name: string, provider: Provider, environment: Environment): string {
  const project = provider.project ?? environment['GOOGLE_CLOUD_PROJECT'];
  if (project === undefined) throw invalid(name, 'Vertex AI needs a project; set spec.provider.project or GOOGLE_CLOUD_PROJECT');
  const region = provider.region ?? environment['GOOGLE_CLOUD_LOCATION'] ?? 'global';
  const host = region === 'global' ? 'aiplatform.googleapis.com' : `${region}-aiplatform.googleapis.com`;
  return `https://${host}/v1/projects/${project}/locations/${region}`;
}

function bedrockUrl(name: string, provider: Provider, environment: Environment): string {
  const region = awsRegionOf(provider, environment);
  if (region === undefined) throw invalid(name, 'Bedrock needs a region; set spec.provider.region or AWS_REGION');
  return `https://bedrock-runtime.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** The region of AWS that the resource or the environment names. */
export const awsRegionOf = (provider: Provider, environment: Environment): string | undefined =>
  provider.region ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];

const invalid = (name: string, problem: string): PlatformError => new PlatformError('resource_invalid', { message: `Model "${name}": ${problem}` });
