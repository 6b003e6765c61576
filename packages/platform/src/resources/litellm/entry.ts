import type { MergedConfig } from './merge-includes.ts';
import type { Notices } from './notices.ts';
import type { Path } from './place.ts';
import type { Variables } from './variables.ts';

/** One entry of `model_list`, with its variables resolved but for its secrets. */
export interface Entry {
  /** The public name. */
  readonly group: string;
  /** Path of the entry. */
  readonly path: Path;
  /** `<provider>/<model>`, or a model alone. */
  readonly model: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** As they stand in the file: secrets are taken from here. */
  readonly written: Readonly<Record<string, unknown>>;
  readonly info: Readonly<Record<string, unknown>>;
}

export interface ReadEntriesOptions {
  readonly config: MergedConfig;
  readonly variables: Variables;
  readonly notices: Notices;
  /** `router_settings.default_litellm_params`. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

/** Reads `model_list`; an entry that is not one is left out with a warning, as LiteLLM does. */
export function readEntries(options: ReadEntriesOptions): readonly Entry[] {
  const { config, variables, notices, defaults } = options;
  const list = config.value['model_list'];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) {
    notices.warn(['model_list'], 'must be a list; it is left out');
    return [];
  }
  const credentials = readCredentials(config, notices);
  return list.flatMap((value: unknown, index): readonly Entry[] => {
    const path: Path = ['model_list', index];
    const refuse = (message: string): readonly Entry[] => {
      notices.warn(path, `${message}; the entry is left out`);
      return [];
    };
    if (!isMap(value)) return refuse('an entry is a map with model_name and litellm_params');
    const group = variables.resolve(value['model_name'], [...path, 'model_name']);
    if (typeof group !== 'string' || group === '') return refuse('model_name is missing');
    if (!isMap(value['litellm_params'])) return refuse('litellm_params is missing');
    const credential = credentialOf(value['litellm_params'], credentials);
    if (credential === 'missing') return refuse(`there is no credential "${String(value['litellm_params']['litellm_credential_name'])}" in credential_list`);
    const beside = Object.fromEntries(['rpm', 'tpm'].flatMap((key) => (value[key] === undefined ? [] : [[key, value[key]]])));
    const written = { ...defaults, ...credential, ...beside, ...value['litellm_params'] };
    const plain = Object.fromEntries(Object.entries(written).filter(([key]) => !isSecretKey(key)));
    const params = variables.resolve(plain, [...path, 'litellm_params']) as Record<string, unknown>;
    const info = variables.resolve(isMap(value['model_info']) ? value['model_info'] : {}, [...path, 'model_info']) as Record<string, unknown>;
    const model = params['model'];
    if (typeof model !== 'string' || model === '') return refuse('litellm_params.model is missing');
    return organisationsOf(params['organization']).map((organization) => ({
      group,
      path,
      model,
      params: organization === undefined ? params : { ...params, organization },
      written,
      info,
    }));
  });
}

const SECRET_KEYS = new Set([
  'api_key',
  'azure_ad_token',
  'client_secret',
  'azure_password',
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
  'aws_web_identity_token',
  'vertex_credentials',
]);

/** Values of these keys are never resolved into a resource. */
const isSecretKey = (key: string): boolean => SECRET_KEYS.has(key);

/** A list of organisations is one deployment for each. */
const organisationsOf = (value: unknown): readonly (string | undefined)[] =>
  Array.isArray(value) && value.length > 0 ? value.map(String) : [typeof value === 'string' ? value : undefined];

type Credentials = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

function readCredentials(config: MergedConfig, notices: Notices): Credentials {
  const list = config.value['credential_list'];
  const found = new Map<string, Readonly<Record<string, unknown>>>();
  if (!Array.isArray(list)) return found;
  for (const [index, value] of (list as unknown[]).entries()) {
    if (isMap(value) && typeof value['credential_name'] === 'string' && isMap(value['credential_values']))
      found.set(value['credential_name'], value['credential_values']);
    else notices.warn(['credential_list', index], 'a credential needs credential_name and credential_values; it is left out');
  }
  return found;
}

function credentialOf(params: Readonly<Record<string, unknown>>, credentials: Credentials): Readonly<Record<string, unknown>> | 'missing' {
  const name = params['litellm_credential_name'];
  if (typeof name !== 'string') return {};
  return credentials.get(name) ?? 'missing';
}

export const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
