import type { KubeManifest } from '../manifest.ts';
import type { ServedModel } from '../model/served-model.ts';
import { meta } from '../names.ts';
import type { RenderContext } from '../render-options.ts';
import { componentsOf } from './components.ts';
import { toDynamoModel } from './dynamo-model.ts';
import { graphV1alpha1 } from './graph-v1alpha1.ts';
import { graphV1beta1 } from './graph-v1beta1.ts';

/** The graph that NVIDIA Dynamo runs for a Model, in the version of its API that is asked for. Throws `resource_invalid`. */
export function dynamoGraph(served: ServedModel, context: RenderContext): KubeManifest {
  const model = toDynamoModel(served);
  const components = componentsOf(model, context);
  const version = context.dynamoVersion;
  return {
    apiVersion: `nvidia.com/${version}`,
    kind: 'DynamoGraphDeployment',
    metadata: meta(model.objectName, context.namespace, model.labels),
    spec: version === 'v1beta1' ? graphV1beta1(components) : graphV1alpha1(model, components),
  };
}
