import { PlatformError } from '@maru/api/errors';
import type { GpuPool, Model, Resource, Route } from '@maru/api/resources';
import { prometheusRule } from './alerts/prometheus-rule.ts';
import { renderModel } from './model/render-model.ts';
import { type ServedModel, toServedModel } from './model/served-model.ts';
import { kubeName } from './names.ts';
import { renderPool } from './pool/render-pool.ts';
import { type RenderContext, type RenderOptions, toRenderContext } from './render-options.ts';
import type { Rendered, RenderNote, RenderResult } from './rendered.ts';
import { inferencePool } from './route/inference-pool.ts';
import { renderRoute } from './route/render-route.ts';

/**
 * The Kubernetes objects of a set of resources, in the order in which they can be applied, and notes on what Kubernetes can not say. Pure.
 * Throws `resource_invalid`, `reference_missing`, `not_supported`, and `resource_duplicate` when two names become one in Kubernetes.
 *
 * @example toCommentedYaml(renderResources({ resources, options: { namespace: 'ai' } }).objects)
 */
export function renderResources(input: { readonly resources: readonly Resource[]; readonly options?: RenderOptions }): RenderResult {
  const context = toRenderContext(input.options ?? {});
  const models = pick(input.resources, 'Model') as readonly Model[];
  const pools = pick(input.resources, 'GpuPool') as readonly GpuPool[];
  const routes = pick(input.resources, 'Route') as readonly Route[];
  const poolByName = new Map(pools.map((pool) => [pool.metadata.name, pool]));
  const modelByName = new Map(models.map((model) => [model.metadata.name, model]));

  const served = models.map((model) => toServedModel(model, poolByName)).filter((model): model is ServedModel => model !== undefined);
  const routed = routes.map((route) => renderRoute(route, context, modelByName));
  const objects: readonly Rendered[] = [
    ...pools.flatMap((pool) => renderPool(pool, context)),
    ...models.flatMap((model) => renderModel(model, context, poolByName)),
    ...poolsOfRoutes(routes, served, context),
    ...routed.flatMap((route) => route.objects),
    ...[
      prometheusRule(
        context,
        served,
        pools.map((pool) => kubeName(pool.metadata.name)),
      ),
    ].filter((rule) => rule !== undefined),
  ];
  refuseCollisions(objects);
  return { objects, notes: [...routed.flatMap((route) => route.notes), ...vendorNotes(models)] };
}

const pick = (resources: readonly Resource[], kind: Resource['kind']): readonly Resource[] => resources.filter((resource) => resource.kind === kind);

/** Only models that a Route may send to need a pool of endpoints; Dynamo has a router of its own. */
function poolsOfRoutes(routes: readonly Route[], served: readonly ServedModel[], context: RenderContext): readonly Rendered[] {
  const named = new Set(
    routes.flatMap((route) => [...route.spec.backends.map((backend) => backend.model), ...(route.spec.mirror === undefined ? [] : [route.spec.mirror.model])]),
  );
  return served.filter((model) => named.has(model.name) && model.serving.engine !== 'dynamo').map((model) => inferencePool(model, context));
}

const vendorNotes = (models: readonly Model[]): readonly RenderNote[] =>
  models
    .filter((model) => model.spec.provider !== undefined)
    .map((model) => ({ origin: `Model/${model.metadata.name}`, message: 'a model of a vendor needs no objects; the Maru gateway calls it' }));

function refuseCollisions(objects: readonly Rendered[]): void {
  const seen = new Map<string, string>();
  for (const { manifest, origin } of objects) {
    const key = `${manifest.apiVersion}/${manifest.kind}/${manifest.metadata.name}`;
    const other = seen.get(key);
    if (other !== undefined) {
      throw new PlatformError('resource_duplicate', {
        message: `${other} and ${origin} both become ${manifest.kind} ${manifest.metadata.name} in Kubernetes; rename one of them`,
      });
    }
    seen.set(key, origin);
  }
}
