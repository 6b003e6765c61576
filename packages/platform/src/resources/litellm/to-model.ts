import { createHash } from 'node:crypto';
import { API_VERSION } from '@maru/api/resources';
import type { Entry } from './entry.ts';
import { mockAnswer } from './mock-answer.ts';
import type { Notices } from './notices.ts';
import { toCount, toFlag } from './read-value.ts';
import { toCapabilities } from './to-capabilities.ts';
import { toDefaults } from './to-defaults.ts';
import { toPrice } from './to-price.ts';
import { toProvider } from './to-provider.ts';
import type { Variables } from './variables.ts';

export interface ToModelOptions {
  readonly entry: Entry;
  readonly name: string;
  readonly variables: Variables;
  readonly notices: Notices;
  /** `litellm_settings.drop_params`. */
  readonly dropParams: boolean;
}

/** One deployment as a Model resource; undefined where it is left out. */
export function toModel(options: ToModelOptions) {
  const { entry, name, variables, notices } = options;
  const answer = mockAnswer(entry, notices);
  const provider = toProvider(entry, variables, notices);
  if (provider === undefined && answer === undefined) return undefined;
  const price = toPrice(entry, notices);
  const defaults = toDefaults(entry, notices);
  const contextWindow = toCount(entry.info['max_input_tokens']);
  return {
    apiVersion: API_VERSION,
    kind: 'Model',
    metadata: {
      name,
      labels: { 'maru.dev/listed': 'false' },
      annotations: { ...annotationsOf(entry, provider?.apiKey), ...dropsOf(entry, options.dropParams) },
    },
    spec: {
      ...(answer === undefined ? { provider } : { serving: { engine: 'reader' as const, servedName: entry.model, answer } }),
      capabilities: answer === undefined ? toCapabilities(entry, notices) : MOCKED,
      ...(defaults === undefined ? {} : { defaults }),
      ...(contextWindow === undefined ? {} : { contextWindow }),
      ...(price === undefined ? {} : { price }),
    },
  };
}

/** A text that was written for it is all that such a model can give. */
const MOCKED = ['chat', 'completions', 'tools', 'vision', 'json', 'reasoning'] as const;

/** The deployment itself has the last word. */
const dropsOf = (entry: Entry, general: boolean): Record<string, string> =>
  (toFlag(entry.params['drop_params']) ?? general) ? { 'litellm.ai/drop-params': 'true' } : {};

/** What clients of LiteLLM see of a deployment and nothing else here needs. */
function annotationsOf(entry: Entry, key: unknown): Record<string, string> {
  return {
    'litellm.ai/model-id': modelIdOf(entry, key),
    'litellm.ai/model-name': entry.group,
    'litellm.ai/model': entry.model,
    'litellm.ai/params': JSON.stringify(Object.fromEntries(Object.entries(entry.params).filter(([name, value]) => name !== 'model' && value !== undefined))),
    ...(Object.keys(entry.info).length === 0 ? {} : { 'litellm.ai/model-info': JSON.stringify(entry.info) }),
  };
}

/** `model_info.id`, or one that stays the same as long as the deployment does; of a secret only its reference counts. */
function modelIdOf(entry: Entry, key: unknown): string {
  const { id } = entry.info;
  if (typeof id === 'string' && id !== '') return id;
  const params = Object.entries(entry.params).sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([entry.group, params, key]))
    .digest('hex');
}
