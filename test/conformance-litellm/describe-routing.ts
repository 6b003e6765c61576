import type { Model, Route } from '@maru/api/resources';
import type { LoadedFiles } from '../../packages/platform/src/resources/index.ts';

/** The routing table of a configuration as text for a golden file: every public name with what stands behind it, then what was not taken over. */
export function describeRouting(loaded: LoadedFiles, folder: string): string {
  const resources = loaded.resources.map((entry) => entry.resource);
  const models = new Map(resources.flatMap((resource) => (resource.kind === 'Model' ? [[resource.metadata.name, resource] as const] : [])));
  const routes = resources.flatMap((resource) => (resource.kind === 'Route' ? [resource] : []));
  const shared = routes[0];
  const settings = loaded.litellm?.settings ?? {};
  const lines = [
    ...routes.flatMap((route) => routeLines(route, models)),
    ...(shared?.spec.cache === undefined ? [] : [`cache ${compact(shared.spec.cache)}`]),
    ...(shared?.spec.guardrails ?? []).map((guardrail) => `guardrail ${compact(guardrail)}`),
    ...Object.entries(settings).map(([name, value]) => `setting ${name} ${String(value)}`),
    ...ruleLines(loaded),
    ...loaded.problems.map((problem) => `problem ${problem.line}:${problem.column} ${problem.path} ${problem.message}`),
    ...loaded.warnings.map((warning) => `warning ${warning}`),
  ];
  return `${lines.join('\n').replaceAll(folder, '')}\n`;
}

function routeLines(route: Route, models: ReadonlyMap<string, Model>): string[] {
  const { spec, metadata } = route;
  const { attempts, backoff, per } = spec.retries;
  const groups = metadata.annotations?.['maru.dev/model-groups'];
  const { allowedFails, allowedFailsPer, cooldown } = spec.health;
  return [
    `${metadata.name}${spec.aliases.length === 0 ? '' : ` = ${spec.aliases.map((alias) => JSON.stringify(alias)).join(' = ')}`}`,
    `  ${spec.strategy}, retries ${attempts} after ${backoff} ${compact(per)}, rest ${cooldown} after ${allowedFails} ${compact(allowedFailsPer)}, times ${compact(spec.timeouts)}${
      spec.affinity === undefined ? '' : `, affinity ${compact(spec.affinity)}`
    }${spec.tagMatch === 'any' ? '' : ', all tags'}${spec.contextCheck ? ', context check' : ''}${
      spec.unlistedAliases.length === 0 ? '' : `, not listed ${spec.unlistedAliases.join(' ')}`
    }${groups === undefined ? '' : `, in the groups ${groups}`}`,
    ...spec.backends.map(({ model, ...rest }) => `  -> ${model} ${compact(rest)} ${modelText(models.get(model))}`),
    ...spec.fallbacks.map((fallback) => `  on ${fallback.on} ${fallback.to.join(', ')}${spec.maxFallbacks === 5 ? '' : ` (at most ${spec.maxFallbacks})`}`),
  ];
}

function ruleLines({ litellm }: LoadedFiles): string[] {
  if (litellm === undefined) return [];
  const { defaults, keyBounds, passThrough } = litellm.rules;
  return [
    ...Object.entries({ ...defaults, 'bounds of keys': keyBounds }).flatMap(([name, fields]) =>
      Object.keys(fields).length === 0 ? [] : [`rule ${name} ${compact(fields)}`],
    ),
    ...passThrough.map(({ path, target, headers, ...rest }) => `pass-through ${path} -> ${target} with ${Object.keys(headers).join(' ')} ${compact(rest)}`),
  ];
}

function modelText(model: Model | undefined): string {
  if (model === undefined) return '(missing)';
  const { provider, serving, defaults, price, contextWindow, capabilities } = model.spec;
  const { name, model: vendorModel, ...rest } = provider ?? { name: serving?.engine ?? '', model: JSON.stringify(serving?.answer) };
  return [
    name,
    vendorModel,
    compact(rest),
    defaults === undefined ? '' : `defaults ${compact(defaults)}`,
    price === undefined ? '' : `price ${compact(price)}`,
    contextWindow ?? '',
    `[${capabilities.join(' ')}]`,
  ]
    .filter((part) => part !== '' && part !== '{}')
    .join(' ');
}

const compact = (value: unknown): string => JSON.stringify(value).replaceAll('"', '');
