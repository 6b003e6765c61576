import type { Model, Route } from '@maru/api/resources';
import { toKubeDuration } from '../kube-duration.ts';
import { kubeName, LABELS, managedLabels, meta } from '../names.ts';
import type { RenderContext } from '../render-options.ts';
import type { Rendered, RenderNote } from '../rendered.ts';

/** The header that body-based routing of the Gateway API Inference Extension sets from the `model` of a request. */
const MODEL_HEADER = 'X-Gateway-Model-Name';

type Backend = Route['spec']['backends'][number];

/**
 * An HTTPRoute that sends the public names of a Route to the InferencePools of its models. What only Maru's own gateway can do
 * (conditions on the prompt, fallbacks, experiments) is said in notes, never dropped in silence.
 */
export function renderRoute(
  route: Route,
  context: RenderContext,
  models: ReadonlyMap<string, Model>,
): { readonly objects: readonly Rendered[]; readonly notes: readonly RenderNote[] } {
  const origin = `Route/${route.metadata.name}`;
  const notes: RenderNote[] = [];
  const note = (message: string): void => void notes.push({ origin, message });
  const { spec } = route;

  const reachable = spec.backends.filter((backend) => {
    const served = models.get(backend.model)?.spec.serving !== undefined;
    if (!served) note(`the backend ${backend.model} is a model of a vendor; it has no InferencePool and is reached through the Maru gateway only`);
    return served;
  });
  const plain = reachable.filter((backend) => backend.when === undefined);
  const byHeader = reachable.filter((backend) => onlyHeaders(backend));
  for (const backend of reachable) {
    if (backend.when !== undefined && !onlyHeaders(backend))
      note(`the condition of the backend ${backend.model} looks into the request; it holds at the Maru gateway only`);
  }
  if (spec.fallbacks.length > 0) note('fallbacks to other models hold at the Maru gateway only');
  if (spec.experiment !== undefined) note('the experiment splits traffic at the Maru gateway only');
  if (plain.length === 0 && byHeader.length === 0)
    return { objects: [], notes: [...notes, { origin, message: 'no HTTPRoute: every backend needs the Maru gateway' }] };

  const names = [route.metadata.name, ...spec.aliases];
  const matches = (headers: Readonly<Record<string, string>>): unknown[] =>
    names.map((name) => ({
      path: { type: 'PathPrefix', value: '/v1' },
      headers: [{ name: MODEL_HEADER, value: name }, ...Object.entries(headers).map(([header, value]) => ({ name: header, value }))],
    }));
  const timeouts = spec.timeout === undefined ? {} : { timeouts: { request: toKubeDuration(spec.timeout, ['h', 'm', 's', 'ms']) } };
  const filters = mirrorFilters(route, models, note);
  const rule = (backends: readonly Backend[], headers: Readonly<Record<string, string>>): unknown => ({
    matches: matches(headers),
    ...filters,
    ...timeouts,
    backendRefs: backends.map((backend) => ({ group: POOL_GROUP, kind: 'InferencePool', name: kubeName(backend.model), weight: backend.weight ?? 1 })),
  });
  const manifest = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: meta(kubeName(route.metadata.name), context.namespace, managedLabels({ [LABELS.route]: route.metadata.name })),
    spec: {
      parentRefs: [{ name: context.gateway.name, ...(context.gateway.namespace === undefined ? {} : { namespace: context.gateway.namespace }) }],
      // A rule with more headers is the more precise one and is tried first.
      rules: [...byHeader.map((backend) => rule([backend], backend.when?.headers ?? {})), ...(plain.length === 0 ? [] : [rule(plain, {})])],
    },
  };
  return { objects: [{ manifest, origin, purpose: 'public names to pools' }], notes };
}

const POOL_GROUP = 'inference.networking.k8s.io';

function onlyHeaders(backend: Backend): boolean {
  const given = Object.keys(backend.when ?? {});
  return given.length === 1 && given[0] === 'headers';
}

function mirrorFilters(route: Route, models: ReadonlyMap<string, Model>, note: (message: string) => void): { filters?: unknown[] } {
  const { mirror } = route.spec;
  if (mirror === undefined) return {};
  if (models.get(mirror.model)?.spec.serving === undefined) {
    note(`the mirror ${mirror.model} is a model of a vendor; it is fed by the Maru gateway only`);
    return {};
  }
  return {
    filters: [
      {
        type: 'RequestMirror',
        requestMirror: { backendRef: { group: POOL_GROUP, kind: 'InferencePool', name: kubeName(mirror.model) }, percent: Math.round(mirror.percent) },
      },
    ],
  };
}
