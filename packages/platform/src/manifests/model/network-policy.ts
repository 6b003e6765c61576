import type { KubeManifest } from '../manifest.ts';
import { LABELS, meta } from '../names.ts';
import type { RenderContext } from '../render-options.ts';
import type { ServedModel } from './served-model.ts';

/** Only Maru and the monitoring namespace may ask; pods may look names up and fetch weights over HTTPS. */
export function networkPolicy(model: ServedModel, context: RenderContext): KubeManifest {
  const http = [{ protocol: 'TCP', port: model.port }];
  const namespace = (name: string): Record<string, unknown> => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
  const group = model.nodes > 1 ? [{ from: [{ podSelector: { matchLabels: model.selector } }] }] : [];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: meta(model.objectName, context.namespace, model.labels),
    spec: {
      podSelector: { matchLabels: model.selector },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        // One item with both selectors means "and"; two items would mean "or".
        { from: [{ namespaceSelector: namespace(context.namespace), podSelector: { matchLabels: { [LABELS.partOf]: 'maru' } } }], ports: http },
        { from: [{ namespaceSelector: namespace(context.monitoringNamespace) }], ports: http },
        ...group,
      ],
      egress: [
        {
          to: [{ namespaceSelector: namespace('kube-system') }],
          ports: [
            { protocol: 'UDP', port: 53 },
            { protocol: 'TCP', port: 53 },
          ],
        },
        ...(model.simulated ? [] : [{ ports: [{ protocol: 'TCP', port: 443 }] }]),
        ...(model.nodes > 1 ? [{ to: [{ podSelector: { matchLabels: model.selector } }] }] : []),
      ],
    },
  };
}
