import { type Entry, isMap } from './entry.ts';
import type { Notices } from './notices.ts';
import type { Path } from './place.ts';
import { toCloud } from './to-cloud.ts';
import type { Variables } from './variables.ts';
import { findVendor, VENDORS, type Vendor } from './vendors.ts';

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** The provider of a deployment; undefined, with a warning, where this platform can not call it. */
export function toProvider(entry: Entry, variables: Variables, notices: Notices) {
  const { params, written } = entry;
  const at = (key: string): Path => [...entry.path, 'litellm_params', key];
  const { prefix, vendor, model } = findVendor(entry.model, text(params['custom_llm_provider']));
  if (vendor === undefined) {
    notices.warn(at('model'), `the provider "${prefix}" is not known; the deployment is left out. Known are ${Object.keys(VENDORS).sort().join(', ')}`);
    return undefined;
  }
  const baseUrl = addressOf(entry, { vendor, variables, notices });
  const headers = headersOf(entry);
  const apiKey = variables.secret(written['api_key'], at('api_key')) ?? usualKey(vendor.keys, variables);
  // A server with the API of OpenAI at another address has not all of its operations.
  const name = vendor.provider === 'openai' && baseUrl !== undefined && !baseUrl.includes('openai.com') ? ('openai-compatible' as const) : vendor.provider;
  return {
    name,
    model: vendor.provider === 'bedrock' ? model.replace(/^(converse|invoke|converse_like)\//, '') : model,
    ...baseModelOf(entry, { elsewhere: vendor.provider !== name, model }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...toCloud(name, { entry, variables, notices }),
  };
}

/** The model whose price counts: `base_model`, else the one that OpenAI's client names, wherever it is served. */
function baseModelOf({ info, params }: Entry, served: { readonly elsewhere: boolean; readonly model: string }): { readonly baseModel?: string } {
  const written = text(info['base_model']) ?? text(params['base_model']);
  if (written === undefined) return served.elsewhere ? { baseModel: `openai/${served.model}` } : {};
  const { vendor, model } = findVendor(written, undefined);
  return { baseModel: vendor === undefined ? written : `${vendor.provider}/${model}` };
}

interface AddressOptions {
  readonly vendor: Vendor;
  readonly variables: Variables;
  readonly notices: Notices;
}

/** The address that the file gives, else that of the vendor's variable, else one that is known; an address that is none is left out. */
function addressOf({ params, path }: Entry, { vendor, variables, notices }: AddressOptions): string | undefined {
  const written = text(params['api_base']) ?? text(params['base_url']) ?? (vendor.base === undefined ? undefined : variables.read(vendor.base));
  if (written === undefined || written === '') return vendor.baseUrl;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    notices.warn([...path, 'litellm_params', 'api_base'], `"${written}" is no address with http or https; it is left out`);
    return vendor.baseUrl;
  }
  if (vendor.provider === 'azure') return url.origin;
  return url.pathname === '/' ? `${url.origin}${vendor.version ?? ''}` : written.replace(/\/+$/, '');
}

const usualKey = (names: readonly string[], variables: Variables) => {
  const name = names.find(variables.has);
  return name === undefined ? undefined : variables.secret(`os.environ/${name}`, []);
};

function headersOf({ params }: Entry): Record<string, string> {
  const extra = isMap(params['extra_headers']) ? Object.entries(params['extra_headers']).map(([name, value]) => [name, String(value)] as const) : [];
  const organization = text(params['organization']);
  return { ...Object.fromEntries(extra), ...(organization === undefined ? {} : { 'openai-organization': organization }) };
}
