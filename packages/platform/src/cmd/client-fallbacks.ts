import { PlatformError } from '@maru/api/errors';
import type { Route } from '@maru/api/resources';
import type { CallWishes, RequestFacts } from '#gateway';
import type { ModelChoice } from '#router';
import type { PlacementOptions } from './placement-options.ts';

const MAX_NAMES = 8;

/**
 * The fallbacks that a request names itself, in place of those of its route; undefined where it names none. Throws `invalid_request` for
 * another form and for unknown names, `model_not_allowed` for one that the key may not use, or that leads around guardrails.
 */
export function clientFallbacks(
  options: PlacementOptions,
  request: { readonly facts: RequestFacts; readonly route: Route | undefined; readonly wishes: CallWishes },
): readonly ModelChoice[] | undefined {
  const { facts, route, wishes } = request;
  if (wishes.fallbacks === undefined || wishes.fallbacks === null) return undefined;
  if (route?.spec.clientFallbacks === false) throw refused(`the route "${route.metadata.name}" does not take fallbacks of a request`);
  if (!Array.isArray(wishes.fallbacks) || wishes.fallbacks.length > MAX_NAMES)
    throw refused(`"fallbacks" must be a list of at most ${MAX_NAMES} names of models`);
  return wishes.fallbacks.flatMap((given: unknown): ModelChoice[] => {
    const name = nameOf(given);
    if (!options.allows(facts.principal, name)) {
      throw new PlatformError('model_not_allowed', { message: `the key does not allow the model "${name}" of "fallbacks"`, details: { param: 'fallbacks' } });
    }
    const reason = `fallback that the request names: ${name}`;
    const model = options.registry.get('Model', name);
    if (model !== undefined && !model.spec.direct) throw closed(`"${name}" can not be asked for by its name`);
    if (model !== undefined) return [{ model: name, reason, role: 'fallback' }];
    const behind = options.registry.get('Route', name);
    if (behind === undefined) throw refused(`no model is called "${name.slice(0, 200)}" in "fallbacks"`);
    // The checks of a call are those of the name that it asked for: nobody must reach the models of a Route without its own.
    if (behind.metadata.name !== route?.metadata.name && behind.spec.guardrails.length > 0)
      throw closed(`the route "${name}" has guardrails; ask for it as "model" to use it`);
    return behind.spec.backends
      .filter((backend) => backend.when === undefined)
      .map((backend): ModelChoice => ({ model: backend.model, reason, role: 'fallback' }));
  });
}

function nameOf(given: unknown): string {
  if (typeof given === 'string') return given;
  const { model, ...others } = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  if (typeof model !== 'string') throw refused('"fallbacks" must be a list of names of models');
  const [other] = Object.keys(others);
  if (other !== undefined) throw refused(`"fallbacks" can name another model, but not change "${other.slice(0, 100)}"`);
  return model;
}

const closed = (message: string): PlatformError =>
  new PlatformError('model_not_allowed', { message: `${message} in "fallbacks"`, details: { param: 'fallbacks' } });
const refused = (message: string): PlatformError => new PlatformError('invalid_request', { message, details: { param: 'fallbacks' } });
