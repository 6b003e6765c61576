import type { Entry } from './entry.ts';
import { isMap } from './entry.ts';
import type { Notices } from './notices.ts';
import type { Path } from './place.ts';
import type { Variables } from './variables.ts';
import { findVendor, VENDORS } from './vendors.ts';

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The provider of a deployment; undefined, with a warning, where this platform can not call it. */
export function toProvider(entry: Entry, variables: Variables, notices: Notices) {
  const { params, written } = entry;
  const at = (key: string): Path => [...entry.path, 'litellm_params', key];
  const found = findVendor(entry.model, text(params['custom_llm_provider']));
  if (found.vendor === undefined) {
    notices.warn(at('model'), `the provider "${found.prefix}" is not known; the deployment is left out. Known are ${Object.keys(VENDORS).sort().join(', ')}`);
    return undefined;
  }
  const { vendor } = found;
  const base = addressOf(entry, variables) ?? (vendor.base === undefined ? undefined : variables.read(vendor.base)) ?? vendor.baseUrl;
  const headers = headersOf(entry);
  const key = variables.secret(written['api_key'], at('api_key')) ?? usualKey(vendor.keys, variables);
  const name = vendor.provider === 'openai' && base !== undefined ? 'openai-compatible' : vendor.provider;
  return {
    name,
    model: found.model,
    ...(base === undefined ? {} : { baseUrl: base.replace(/\/+$/, '') }),
    ...(key === undefined ? {} : { apiKey: key }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}

const addressOf = ({ params }: Entry, _variables: Variables): string | undefined => text(params['api_base']) ?? text(params['base_url']);

const usualKey = (names: readonly string[], variables: Variables) => {
  const name = names.find((each) => variables.has(each));
  return name === undefined ? undefined : variables.secret(`os.environ/${name}`, []);
};

function headersOf({ params }: Entry): Record<string, string> {
  const extra = isMap(params['extra_headers']) ? Object.entries(params['extra_headers']).map(([name, value]) => [name, String(value)] as const) : [];
  const organization = text(params['organization']);
  return { ...Object.fromEntries(extra), ...(organization === undefined ? {} : { 'openai-organization': organization }) };
}
