import type { ServedModel } from '../model/served-model.ts';
import { servingSelector } from '../model/workload.ts';
import { meta } from '../names.ts';
import type { RenderContext } from '../render-options.ts';
import type { Rendered } from '../rendered.ts';

/** The replicas of a model as the Gateway API Inference Extension sees them; the picker chooses one for each request. */
export const inferencePool = (model: ServedModel, context: RenderContext): Rendered => ({
  origin: model.origin,
  purpose: 'replicas behind a gateway',
  manifest: {
    apiVersion: 'inference.networking.k8s.io/v1',
    kind: 'InferencePool',
    metadata: meta(model.objectName, context.namespace, model.labels),
    spec: {
      selector: { matchLabels: servingSelector(model) },
      targetPorts: [{ number: model.port }],
      // Without its picker a gateway still balances; the other mode would refuse every request.
      endpointPickerRef: { kind: 'Service', name: context.endpointPicker.name, port: { number: context.endpointPicker.port }, failureMode: 'FailOpen' },
    },
  },
});
