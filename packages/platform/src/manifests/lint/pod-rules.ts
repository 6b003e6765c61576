import { durationToMs } from '@maru/api/resources';
import type { KubeManifest } from '../manifest.ts';
import { at, type Finding, fields, type LintRule, list, nameOf } from './finding.ts';

interface PodSpec {
  readonly owner: KubeManifest;
  readonly path: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

const TEMPLATES = [
  'spec.template.spec',
  'spec.leaderWorkerTemplate.leaderTemplate.spec',
  'spec.leaderWorkerTemplate.workerTemplate.spec',
  'spec.jobTemplate.spec.template.spec',
];

/** Every pod specification in the objects, wherever their kind keeps it. */
function podSpecs(objects: readonly KubeManifest[]): readonly PodSpec[] {
  return objects.flatMap((owner) =>
    (owner.kind === 'Pod' ? ['spec'] : TEMPLATES).flatMap((path) => {
      const spec = at(owner, path);
      return spec === undefined ? [] : [{ owner, path, spec: fields(spec) }];
    }),
  );
}

const eachContainer = (
  objects: readonly KubeManifest[],
  check: (container: Readonly<Record<string, unknown>>, pod: PodSpec, path: string) => readonly Finding[],
): readonly Finding[] =>
  podSpecs(objects).flatMap((pod) => list(pod.spec['containers']).flatMap((container, index) => check(container, pod, `${pod.path}.containers.${index}`)));

/** `:latest` and a missing tag make every restart a silent upgrade. */
export const pinnedImages: LintRule = (objects) =>
  eachContainer(objects, (container, pod, path) => {
    const image = String(container['image'] ?? '');
    if (image.includes('@sha256:') || (/:[^/:]+$/.test(image) && !image.endsWith(':latest'))) return [];
    return [
      {
        rule: 'pinned-images',
        severity: 'error',
        object: nameOf(pod.owner),
        path: `${path}.image`,
        message: `the image "${image}" has no fixed tag; write one, for example ":v1.2.3"`,
      },
    ];
  });

/** Extended resources can not be overcommitted: the API server refuses requests without equal limits. */
export const equalGpuRequests: LintRule = (objects) =>
  eachContainer(objects, (container, pod, path) => {
    const requests = fields(at(container, 'resources.requests'));
    const limits = fields(at(container, 'resources.limits'));
    return Object.keys(requests)
      .filter((name) => name.includes('/') && String(requests[name]) !== String(limits[name] ?? ''))
      .map((name) => ({
        rule: 'equal-gpu-requests',
        severity: 'error' as const,
        object: nameOf(pod.owner),
        path: `${path}.resources`,
        message: `${name} must have equal requests and limits; give the limit alone or both alike`,
      }));
  });

/** A pause that outlasts the grace period is cut by SIGKILL. */
export const preStopWithinGrace: LintRule = (objects) =>
  eachContainer(objects, (container, pod, path) => {
    const graceS = Number(pod.spec['terminationGracePeriodSeconds'] ?? 30);
    const sleepS = Number(at(container, 'lifecycle.preStop.sleep.seconds') ?? scriptSleepS(container));
    if (!(sleepS >= graceS)) return [];
    return [
      {
        rule: 'pre-stop-within-grace',
        severity: 'error',
        object: nameOf(pod.owner),
        path: `${path}.lifecycle.preStop`,
        message: `the pause of ${sleepS} s does not end within terminationGracePeriodSeconds ${graceS}`,
      },
    ];
  });

const scriptSleepS = (container: Readonly<Record<string, unknown>>): number => {
  const command = at(container, 'lifecycle.preStop.exec.command');
  const match = /\bsleep (\d+[smh]?)/.exec(Array.isArray(command) ? command.join(' ') : '');
  return match?.[1] === undefined ? 0 : durationToMs(/\d$/.test(match[1]) ? `${match[1]}s` : match[1]) / 1000;
};

export const mountedVolumesExist: LintRule = (objects) =>
  eachContainer(objects, (container, pod, path) => {
    const volumes = new Set(list(pod.spec['volumes']).map((volume) => volume['name']));
    return list(container['volumeMounts'])
      .filter((mount) => !volumes.has(mount['name']))
      .map((mount) => ({
        rule: 'mounted-volumes-exist',
        severity: 'error' as const,
        object: nameOf(pod.owner),
        path: `${path}.volumeMounts`,
        message: `the volume "${String(mount['name'])}" is mounted and not defined`,
      }));
  });

export const claimsExist: LintRule = (objects) =>
  eachContainer(objects, (container, pod, path) => {
    const claims = new Set(list(pod.spec['resourceClaims']).map((claim) => claim['name']));
    return list(at(container, 'resources.claims'))
      .filter((claim) => !claims.has(claim['name']))
      .map((claim) => ({
        rule: 'claims-exist',
        severity: 'error' as const,
        object: nameOf(pod.owner),
        path: `${path}.resources.claims`,
        message: `the claim "${String(claim['name'])}" is not among the pod's resourceClaims`,
      }));
  });

/** The API server refuses a Deployment whose pods do not carry the labels that it selects. */
export const selectorMatchesPods: LintRule = (objects) =>
  objects
    .filter((object) => ['Deployment', 'DaemonSet', 'StatefulSet'].includes(object.kind))
    .flatMap((object) => {
      const selector = fields(at(object, 'spec.selector.matchLabels'));
      const labels = fields(at(object, 'spec.template.metadata.labels'));
      const wrong = Object.keys(selector).filter((name) => selector[name] !== labels[name]);
      if (Object.keys(selector).length > 0 && wrong.length === 0) return [];
      return [
        {
          rule: 'selector-matches-pods',
          severity: 'error' as const,
          object: nameOf(object),
          path: 'spec.selector',
          message: wrong.length === 0 ? 'the selector is missing' : `the pods lack the labels ${wrong.join(', ')}`,
        },
      ];
    });

/** Time-sliced GPUs give a pod no more for asking twice, and with `failRequestsGreaterThanOne` it is refused. */
export const oneSliceEach: LintRule = (objects) => {
  const sliced = new Set(
    objects
      .filter((object) => object.kind === 'NodePool' && at(object, 'spec.template.metadata.labels') !== undefined)
      .filter((object) => fields(at(object, 'spec.template.metadata.labels'))['nvidia.com/device-plugin.config'] !== undefined)
      .map((object) => fields(at(object, 'spec.template.metadata.labels'))['maru.dev/pool']),
  );
  return eachContainer(objects, (container, pod, path) => {
    const count = Number(fields(at(container, 'resources.limits'))['nvidia.com/gpu'] ?? 0);
    const pool = fields(pod.spec['nodeSelector'])['maru.dev/pool'];
    if (count <= 1 || pool === undefined || !sliced.has(pool)) return [];
    return [
      {
        rule: 'one-slice-each',
        severity: 'error',
        object: nameOf(pod.owner),
        path: `${path}.resources`,
        message: `the pool ${String(pool)} shares its GPUs; a pod may ask for one slice, not ${count}`,
      },
    ];
  });
};
