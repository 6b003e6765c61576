import { isMap } from './entry.ts';
import type { MergedConfig } from './merge-includes.ts';
import type { Notices } from './notices.ts';
import { toFlag, toNumber } from './read-value.ts';
import { readCacheBlock } from './to-cache.ts';
import { referenceOf, type Variables } from './variables.ts';

/** Settings of the process that a configuration of LiteLLM states; the environment of Maru wins over each of them. */
export interface LitellmSettings {
  readonly masterKey?: string;
  readonly maxBodyBytes?: number;
  readonly captureContent?: boolean;
  readonly redisUrl?: string;
}

export function readLitellmSettings(config: MergedConfig, variables: Variables, notices: Notices): LitellmSettings {
  const general = isMap(config.value['general_settings']) ? config.value['general_settings'] : {};
  const masterKey = readMasterKey(general['master_key'], variables, notices);
  const megabytes = toNumber(variables.resolve(general['max_request_size_mb'], ['general_settings', 'max_request_size_mb']));
  const captureContent = toFlag(general['store_prompts_in_spend_logs']);
  const redisUrl = readRedisUrl(config, variables);
  return {
    ...(masterKey === undefined ? {} : { masterKey }),
    ...(megabytes === undefined || megabytes <= 0 ? {} : { maxBodyBytes: Math.round(megabytes * 1024 * 1024) }),
    ...(captureContent === undefined ? {} : { captureContent }),
    ...(redisUrl === undefined ? {} : { redisUrl }),
  };
}

function readMasterKey(value: unknown, variables: Variables, notices: Notices): string | undefined {
  const path = ['general_settings', 'master_key'];
  const given = value === undefined || value === null ? variables.read('LITELLM_MASTER_KEY') : variables.resolve(value, path);
  if (given === undefined) {
    notices.warn(path, 'no master key is set, and LiteLLM would serve everybody; a key is made and printed at the start');
    return undefined;
  }
  if (typeof given === 'string' && given.startsWith('sk-')) {
    if (given.length < 16) notices.warn(path, 'the master key is short, and easy to guess');
    return given;
  }
  notices.warn(path, 'a master key starts with "sk-"; it is not taken over, and a key is made');
  return undefined;
}

/** The Redis of `cache_params`, else that of REDIS_URL or REDIS_HOST, where answers are cached in Redis. */
function readRedisUrl(config: MergedConfig, variables: Variables): string | undefined {
  const { on, params } = readCacheBlock(config);
  if (!on || !String(params['type']).startsWith('redis')) return undefined;
  const read = (key: string, variable: string): string | undefined => {
    const value = params[key];
    const name = referenceOf(value);
    const text = name === undefined ? value : variables.read(name);
    return text === undefined || text === null ? variables.read(variable) : String(text);
  };
  const url = read('url', 'REDIS_URL');
  if (url !== undefined) return url;
  const host = read('host', 'REDIS_HOST');
  if (host === undefined) return undefined;
  const password = read('password', 'REDIS_PASSWORD');
  const user = read('username', 'REDIS_USERNAME');
  const login = password === undefined ? '' : `${encodeURIComponent(user ?? '')}:${encodeURIComponent(password)}@`;
  return `${params['ssl'] === true ? 'rediss' : 'redis'}://${login}${host}:${read('port', 'REDIS_PORT') ?? '6379'}`;
}
