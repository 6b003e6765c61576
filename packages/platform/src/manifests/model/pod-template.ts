import type { RenderContext } from '../render-options.ts';
import { type EngineCommand, engineCommand } from './engine-command.ts';
import { gpuRequest } from './gpu-request.ts';
import { containerSecurity, podSecurity } from './pod-security.ts';
import type { ServedModel } from './served-model.ts';
import { CLAIM_MOUNT, parseWeightsSource } from './weights-source.ts';

export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

const GRACE_S = 150;
/** Endpoints and routers need a moment to forget the pod; running requests then get the rest of the grace period. */
const FORGET_S = 10;
const DRAIN_S = 120;

/** What differs between a plain replica and the leader or a worker of a group of nodes. */
export interface PodVariant {
  readonly command?: EngineCommand;
  readonly labels?: Readonly<Record<string, string>>;
  /** Workers of a group serve no HTTP, so they have no probes. */
  readonly serves?: boolean;
}

/** The pod of an engine with GPUs, admissible under the Pod Security level `restricted`. */
export function enginePodTemplate(model: ServedModel, context: RenderContext, variant: PodVariant = {}): PodTemplate {
  const { serving } = model;
  const source = parseWeightsSource(serving.source, model.name);
  const gpu = gpuRequest(model);
  const { command, args } = variant.command ?? engineCommand(model);
  const serves = variant.serves ?? true;
  const memory = serving.resources?.memory ?? `${16 * model.gpusPerPod}Gi`;
  return {
    metadata: { labels: { ...model.labels, ...variant.labels } },
    spec: {
      serviceAccountName: model.objectName,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: GRACE_S,
      securityContext: podSecurity,
      ...(Object.keys(gpu.nodeSelector).length === 0 ? {} : { nodeSelector: gpu.nodeSelector }),
      tolerations: gpu.tolerations,
      ...(gpu.resourceClaims === undefined ? {} : { resourceClaims: gpu.resourceClaims }),
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: model.selector } },
      ],
      containers: [
        {
          name: 'engine',
          image: serving.image ?? context.images[serving.engine as keyof typeof context.images],
          command: [...command],
          args: [...args],
          env: [
            // The engine runs as a user without a home; its caches go to the scratch volume.
            { name: 'HOME', value: '/scratch' },
            { name: 'HF_HOME', value: '/scratch/huggingface' },
            ...(source.scheme === 'hf' ? [{ name: 'HF_TOKEN', valueFrom: { secretKeyRef: { name: 'huggingface', key: 'token', optional: true } } }] : []),
            ...Object.entries(serving.env).map(([name, value]) => ({ name, value })),
          ],
          ...(serves
            ? {
                ports: [{ name: 'http', containerPort: model.port }],
                ...probes(),
                lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', drainScript(model.port)] } } },
              }
            : {}),
          resources: {
            requests: { cpu: serving.resources?.cpu ?? String(4 * model.gpusPerPod), memory, ...gpu.limits },
            limits: { memory, ...gpu.limits },
            ...(gpu.claims === undefined ? {} : { claims: gpu.claims }),
          },
          securityContext: containerSecurity,
          volumeMounts: [
            // NCCL and the engine's workers talk through shared memory; the default of 64 MiB breaks tensor parallelism.
            { name: 'shared-memory', mountPath: '/dev/shm' },
            { name: 'scratch', mountPath: '/scratch' },
            ...(source.claim === undefined ? [] : [{ name: 'weights', mountPath: CLAIM_MOUNT, readOnly: true }]),
          ],
        },
      ],
      volumes: [
        { name: 'shared-memory', emptyDir: { medium: 'Memory', sizeLimit: `${Math.min(64, 8 * Math.max(1, model.gpusPerPod))}Gi` } },
        { name: 'scratch', emptyDir: {} },
        ...(source.claim === undefined ? [] : [{ name: 'weights', persistentVolumeClaim: { claimName: source.claim, readOnly: true } }]),
      ],
    },
  };
}

/** Loading weights may take twenty minutes; after that an engine that does not answer for a minute is started again. */
const probes = (): Record<string, unknown> => {
  const httpGet = { path: '/health', port: 'http' };
  return {
    startupProbe: { httpGet, periodSeconds: 10, failureThreshold: 120 },
    readinessProbe: { httpGet, periodSeconds: 5, failureThreshold: 2, timeoutSeconds: 3 },
    livenessProbe: { httpGet, periodSeconds: 15, failureThreshold: 4, timeoutSeconds: 10 },
  };
};

/** Engines have no drain endpoint: wait until the routers have let go, then until nothing runs. */
const drainScript = (port: number): string =>
  `sleep ${FORGET_S}; for i in $(seq ${(DRAIN_S - FORGET_S) / 2}); do ` +
  `curl -fsS http://127.0.0.1:${port}/metrics | awk '/^(vllm:num_requests_running|sglang:num_running_reqs)/ { busy += $NF } END { exit busy > 0 }' && exit 0; ` +
  'sleep 2; done';
