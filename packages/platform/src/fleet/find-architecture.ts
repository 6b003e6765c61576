import { PlatformError } from '@maru/api/errors';
import { distance } from 'fastest-levenshtein';
import { ARCHITECTURES, type Architecture } from './catalogue.ts';

/**
 * The published figures of a model by any of its usual names (`meta-llama/Llama-3.1-8B-Instruct`, `llama-3.1-8b`).
 * Throws `model_unknown` with the nearest names.
 */
export function findArchitecture(name: string): Architecture {
  let wanted = normalise(name);
  for (;;) {
    const found = ARCHITECTURES.find((model) => model.id === wanted || model.aliases.includes(wanted));
    if (found !== undefined) return found;
    // One suffix at a time: "deepseek-v3" is a name, "mistral-7b-v0.3" is a name with a version.
    const shorter = wanted.replace(SUFFIX, '');
    if (shorter === wanted) break;
    wanted = shorter;
  }
  const near = ARCHITECTURES.map((model) => ({ id: model.id, far: distance(model.id, wanted) }))
    .sort((left, right) => left.far - right.far || left.id.localeCompare(right.id))
    .slice(0, 3)
    .map((model) => model.id);
  throw new PlatformError('model_unknown', {
    message: `the architecture of "${name.slice(0, 100)}" is not in the catalogue; near names: ${near.join(', ')}. Give its figures in spec.architecture`,
    details: { near },
  });
}

const SUFFIX = /-(instruct|it|chat|hf|base|fp8|awq|gptq|int4|bf16|thinking|preview|\d{4}|v\d+(\.\d+)?)$/;

const normalise = (name: string): string =>
  name
    .slice(0, 200)
    .toLowerCase()
    .replace(/^.*[/:]/, '')
    .replace(/[_ ]/g, '-')
    .replace(/^meta-/, '')
    .replace(/^llama(?=\d)/, 'llama-');
