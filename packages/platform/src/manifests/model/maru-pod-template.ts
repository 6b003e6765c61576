import type { RenderContext } from '../render-options.ts';
import { containerSecurity, podSecurity } from './pod-security.ts';
import type { PodTemplate } from './pod-template.ts';
import type { ServedModel } from './served-model.ts';

const RESOURCES_MOUNT = '/etc/maru/resources';

/** The pod of an engine that is part of Maru (twin, reader): the same program, given this one Model, without a GPU. */
export function maruPodTemplate(model: ServedModel, context: RenderContext, revision: string): PodTemplate {
  const { serving } = model;
  const memory = serving.resources?.memory ?? '512Mi';
  return {
    metadata: { labels: model.labels, annotations: { 'maru.dev/resource-revision': revision } },
    spec: {
      serviceAccountName: model.objectName,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 60,
      securityContext: podSecurity,
      containers: [
        {
          name: 'engine',
          image: serving.image ?? context.images.maru,
          args: ['up', '-f', RESOURCES_MOUNT, '--host', '0.0.0.0', '--port', String(model.port), '--data-dir', '/data'],
          env: [
            { name: 'MARU_MASTER_KEY', valueFrom: { secretKeyRef: { name: 'maru-master-key', key: 'key', optional: true } } },
            ...Object.entries(serving.env).map(([name, value]) => ({ name, value })),
          ],
          ports: [{ name: 'http', containerPort: model.port }],
          startupProbe: { httpGet: { path: '/livez', port: 'http' }, periodSeconds: 1, failureThreshold: 60 },
          readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 5, failureThreshold: 2 },
          livenessProbe: { httpGet: { path: '/livez', port: 'http' }, periodSeconds: 15, failureThreshold: 4 },
          // SIGTERM drains by itself; the pause lets routers forget the pod first.
          lifecycle: { preStop: { sleep: { seconds: 10 } } },
          resources: { requests: { cpu: serving.resources?.cpu ?? '500m', memory }, limits: { memory } },
          securityContext: { ...containerSecurity, readOnlyRootFilesystem: true },
          volumeMounts: [
            { name: 'resources', mountPath: RESOURCES_MOUNT, readOnly: true },
            { name: 'data', mountPath: '/data' },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'resources', configMap: { name: `${model.objectName}-model` } },
        { name: 'data', emptyDir: {} },
        { name: 'tmp', emptyDir: {} },
      ],
    },
  };
}
