import { API_VERSION, type Resource } from '@maru/api/resources';
import type { ResourceProblem } from '@maru/api/wire';
import { stringify } from 'yaml';
import { z } from 'zod';
import { checkResource, formatPath, type LoadedResource } from './parse-resources.ts';

const entrySchema = z.looseObject({
  model_name: z.string(),
  litellm_params: z.looseObject({ model: z.string(), api_base: z.string().nullish(), api_key: z.string().nullish() }),
  model_info: z
    .looseObject({ input_cost_per_token: z.number().nullish(), output_cost_per_token: z.number().nullish(), max_input_tokens: z.number().nullish() })
    .nullish(),
});
const configSchema = z.looseObject({ model_list: z.array(entrySchema) });
type Entry = z.infer<typeof entrySchema>;

/** Whether a parsed YAML document is a LiteLLM proxy configuration. */
export function isLitellmConfig(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'model_list' in value && !('apiVersion' in value);
}

interface Imported {
  readonly resources: readonly LoadedResource[];
  readonly problems: readonly ResourceProblem[];
  readonly warnings: readonly string[];
}

const PROVIDER_PREFIXES: Readonly<Record<string, 'openai' | 'anthropic' | 'gemini' | 'openai-compatible'>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'gemini',
  hosted_vllm: 'openai-compatible',
  vllm: 'openai-compatible',
  openai_like: 'openai-compatible',
};

/**
 * Turns the `model_list` of a LiteLLM `config.yaml` into Models, and names with several deployments into Routes.
 * Source of the format: LiteLLM proxy documentation, "Config.yaml".
 */
export function importLitellm(value: unknown, file: string): Imported {
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => ({
      file,
      line: 1,
      column: 1,
      path: formatPath(issue.path as (string | number)[]),
      code: 'resource_invalid',
      message: issue.message,
    }));
    return { resources: [], problems, warnings: [] };
  }
  const warnings = Object.keys(parsed.data)
    .filter((key) => key !== 'model_list')
    .map((key) => `${file}: "${key}" is not taken over yet`);
  const warn = (text: string): void => void warnings.push(`${file}: ${text}`);
  const groups = new Map<string, Entry[]>();
  for (const entry of parsed.data.model_list) groups.set(entry.model_name, [...(groups.get(entry.model_name) ?? []), entry]);

  const values: unknown[] = [];
  for (const [name, entries] of groups) {
    const models = entries.map((entry, index) => toModel(entry, entries.length === 1 && toName(name) === name ? name : `${toName(name)}-${index + 1}`, warn));
    const usable = models.filter((model) => model !== undefined);
    values.push(...usable);
    if (entries.length > 1 || toName(name) !== name) {
      const backends = usable.map((model) => ({ model: model.metadata.name }));
      if (backends.length > 0)
        values.push({
          apiVersion: API_VERSION,
          kind: 'Route',
          metadata: { name: toName(name) },
          spec: { aliases: toName(name) === name ? [] : [name], backends, policy: 'least-request' },
        });
    }
  }
  const resources: LoadedResource[] = [];
  const problems: ResourceProblem[] = [];
  for (const item of values) {
    const { resource, issues } = checkResource(item);
    if (resource !== undefined) resources.push(toLoaded(resource, file, item));
    for (const issue of issues) problems.push({ file, line: 1, column: 1, path: formatPath(issue.path), code: 'resource_invalid', message: issue.message });
  }
  return { resources, problems, warnings };
}

const toLoaded = (resource: Resource, file: string, source: unknown): LoadedResource => ({
  resource,
  file,
  yaml: stringify(source).trim(),
  placeOf: () => ({ line: 1, column: 1 }),
});

function toModel(entry: Entry, name: string, warn: (text: string) => void) {
  const [prefix = '', ...rest] = entry.litellm_params.model.split('/');
  const provider = rest.length === 0 ? 'openai' : PROVIDER_PREFIXES[prefix];
  if (provider === undefined) {
    warn(`"${entry.model_name}" uses the provider "${prefix}", which this release does not know; it is left out`);
    return undefined;
  }
  const base = entry.litellm_params.api_base ?? undefined;
  const model = rest.length === 0 ? entry.litellm_params.model : rest.join('/');
  const own = provider === 'openai' && base !== undefined ? 'openai-compatible' : provider;
  const apiKey = toSecret(entry.litellm_params.api_key ?? undefined, entry.model_name, warn);
  const { input_cost_per_token: input, output_cost_per_token: output } = entry.model_info ?? {};
  return {
    apiVersion: API_VERSION,
    kind: 'Model',
    metadata: { name },
    spec: {
      provider: { name: own, model, ...(base === undefined ? {} : { baseUrl: base }), ...(apiKey === undefined ? {} : { apiKey }) },
      ...(typeof input === 'number' && typeof output === 'number' ? { price: { inputUsdPerMillion: input * 1e6, outputUsdPerMillion: output * 1e6 } } : {}),
    },
  };
}

/** Only references to the environment are taken over: a secret never becomes part of a resource. */
function toSecret(key: string | undefined, model: string, warn: (text: string) => void): { env: string } | undefined {
  if (key === undefined) return undefined;
  if (key.startsWith('os.environ/')) return { env: key.slice('os.environ/'.length) };
  if (key !== 'dummy' && key !== 'none') warn(`"${model}" has its api_key in the file; use os.environ/NAME instead, the written key is not taken over`);
  return undefined;
}

/** A public name of LiteLLM as a resource name. */
const toName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 63) || 'model';
