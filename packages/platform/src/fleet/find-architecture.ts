import { PlatformError } from '@maru/api/errors';
import { distance } from 'fastest-levenshtein';
import { ARCHITECTURES, type Architecture } from './catalogue.ts';

/**
 * The published figures of a model by any of its usual names (`meta-llama/Llama-3.1-8B-Instruct`, `llama-3.1-8b`).
 * Throws `model_unknown` with the nearest names.
 */
export function findArchitecture(name: string): Architecture {
  const wanted = normalise(name);
  const found = ARCHITECTURES.find((model) => model.id === wanted || model.aliases.includes(wanted));
  if (found !== undefined) return found;
  const near = ARCHITECTURES.map((model) => ({ id: model.id, far: distance(model.id, wanted) }))
    .sort((left, right) => left.far - right.far || left.id.localeCompare(right.id))
    .slice(0, 3)
    .map((model) => model.id);
  throw new PlatformError('model_unknown', {
    message: `the architecture of "${name.slice(0, 100)}" is not in the catalogue; near names: ${near.join(', ')}. Give its figures in spec.architecture`,
    details: { near },
  });
}

const SUFFIXES = /-(instruct|it|chat|hf|base|fp8|awq|gptq|int4|bf16|thinking|preview|\d{4}|v\d+(\.\d+)?)$/;

function normalise(name: string): string {
  let text = name
    .slice(0, 200)
    .toLowerCase()
    .replace(/^.*[/:]/, '')
    .replace(/[_ ]/g, '-')
    .replace(/^meta-/, '')
    .replace(/^llama(?=\d)/, 'llama-');
  while (SUFFIXES.test(text)) text = text.replace(SUFFIXES, '');
  return text;
}
