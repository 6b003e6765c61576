import { requestDefaultsSchema } from '@maru/api/resources';
import { type Entry, isMap } from './entry.ts';
import { isRequestParam } from './is-request-param.ts';
import type { Notices } from './notices.ts';

/** Parameters of a request that a deployment sets where the client does not; those of `extra_body` stand beside them. */
export function toDefaults({ params, path }: Entry, notices: Notices): Record<string, unknown> | undefined {
  const extra = isMap(params['extra_body']) ? params['extra_body'] : {};
  const found: Record<string, unknown> = {};
  const at = (key: string) => [...path, 'litellm_params', ...(Object.hasOwn(params, key) ? [key] : ['extra_body', key])];
  for (const [key, value] of Object.entries({ ...Object.fromEntries(Object.entries(params).filter(([name]) => isRequestParam(name))), ...extra })) {
    if (value === null || value === undefined) continue;
    if (SECRET.test(key) && !NO_SECRETS.has(key)) notices.warn(at(key), 'looks like a secret, which is not sent in a request; it is left out');
    else if (!requestDefaultsSchema.safeParse({ [key]: value }).success) notices.warn(at(key), 'is not taken over: it belongs to a single request');
    else found[key] = value;
  }
  if (Object.keys(found).length === 0) return undefined;
  if (requestDefaultsSchema.safeParse(found).success) return found;
  notices.warn([...path, 'litellm_params'], 'the parameters of a request are too long together; they are left out');
  return undefined;
}

const SECRET = /key$|secret|(^|_)token$|password|credential/i;
const NO_SECRETS = new Set(['prompt_cache_key']);
