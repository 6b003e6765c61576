import type { Entry } from './entry.ts';
import type { Notices } from './notices.ts';
import type { Variables } from './variables.ts';
import { VENDORS } from './vendors.ts';

/**
 * A model `*` stands for every provider: it becomes one deployment for each provider whose key is set, with the names
 * `<provider>/*`; a name without a provider goes to OpenAI.
 */
export function expandWildcards(entries: readonly Entry[], variables: Variables, notices: Notices): readonly Entry[] {
  const groups = new Set(entries.map((entry) => entry.group));
  return entries.flatMap((entry) => {
    if (entry.model !== '*') return [entry];
    const prefixes =
      entry.written['api_key'] === undefined && entry.params['api_base'] === undefined
        ? Object.keys(VENDORS).filter((prefix) => VENDORS[prefix]?.keys.some(variables.has))
        : [];
    const providers = prefixes.filter((prefix) => !groups.has(`${prefix}/*`));
    if (providers.length === 0 && prefixes.length === 0 && entry.written['api_key'] === undefined)
      notices.warn([...entry.path, 'litellm_params', 'model'], 'no key of a provider is set: names without a provider go to OpenAI, others are not found');
    return [{ ...entry, model: 'openai/*' }, ...providers.map((prefix) => ({ ...entry, group: `${prefix}/*`, model: `${prefix}/*` }))];
  });
}
