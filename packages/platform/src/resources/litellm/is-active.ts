import type { Entry } from './entry.ts';
import type { Notices } from './notices.ts';
import { toFlag, toTexts } from './read-value.ts';
import type { Variables } from './variables.ts';

/** Whether a deployment is in force: not blocked, and made for the environment that LITELLM_ENVIRONMENT names. */
export function isActive(entry: Entry, variables: Variables, notices: Notices): boolean {
  const at = (key: string) => [...entry.path, 'model_info', key];
  if (toFlag(entry.info['blocked']) === true) {
    notices.warn(at('blocked'), 'the deployment is blocked, and left out');
    return false;
  }
  const environments = toTexts(entry.info['supported_environments']);
  if (environments === undefined) return true;
  const environment = variables.read('LITELLM_ENVIRONMENT');
  if (environment === undefined) notices.warn(at('supported_environments'), 'LITELLM_ENVIRONMENT is not set; the deployment is left out');
  return environment !== undefined && environments.includes(environment);
}
