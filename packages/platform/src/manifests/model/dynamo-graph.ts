import type { KubeManifest } from '../manifest.ts';
import { meta } from '../names.ts';
import type { RenderContext } from '../render-options.ts';
import { gpuRequest } from './gpu-request.ts';
import type { ServedModel } from './served-model.ts';
import { parseWeightsSource } from './weights-source.ts';

/** NVIDIA Dynamo runs its own graph: a frontend, and workers that may be split into prefill and decode. */
export function dynamoGraph(model: ServedModel, context: RenderContext): KubeManifest {
  const { serving } = model;
  const image = serving.image ?? context.images.dynamo;
  const split = serving.disaggregation;
  const worker = (replicas: number, role: 'prefill' | 'decode' | undefined): Record<string, unknown> => ({
    componentType: 'worker',
    ...(role === undefined ? {} : { subComponentType: role }),
    dynamoNamespace: model.objectName,
    replicas,
    ...(model.nodes > 1 ? { multinode: { nodeCount: model.nodes } } : {}),
    resources: { limits: { gpu: String(model.gpusPerPod) } },
    extraPodSpec: {
      nodeSelector: gpuRequest(model).nodeSelector,
      tolerations: gpuRequest(model).tolerations,
      mainContainer: {
        image,
        command: ['python3', '-m', 'dynamo.vllm'],
        args: workerArgs(model, role),
        env: Object.entries(serving.env).map(([name, value]) => ({ name, value })),
      },
    },
  });
  return {
    apiVersion: 'nvidia.com/v1alpha1',
    kind: 'DynamoGraphDeployment',
    metadata: meta(model.objectName, context.namespace, model.labels),
    spec: {
      backendFramework: 'vllm',
      services: {
        Frontend: {
          componentType: 'frontend',
          dynamoNamespace: model.objectName,
          replicas: 1,
          extraPodSpec: {
            mainContainer: { image, command: ['python3', '-m', 'dynamo.frontend'], args: ['--http-port', String(model.port), '--router-mode', 'kv'] },
          },
        },
        ...(split === undefined
          ? { Worker: worker(serving.replicas, undefined) }
          : { PrefillWorker: worker(split.prefillReplicas, 'prefill'), DecodeWorker: worker(split.decodeReplicas, 'decode') }),
      },
    },
  };
}

function workerArgs(model: ServedModel, role: 'prefill' | 'decode' | undefined): readonly string[] {
  const { serving } = model;
  return [
    '--model',
    parseWeightsSource(serving.source, model.name).model,
    '--served-model-name',
    model.servedName,
    ...(serving.parallelism.tensor > 1 ? ['--tensor-parallel-size', String(serving.parallelism.tensor)] : []),
    ...(serving.parallelism.pipeline > 1 ? ['--pipeline-parallel-size', String(serving.parallelism.pipeline)] : []),
    ...(serving.maxModelLen === undefined ? [] : ['--max-model-len', String(serving.maxModelLen)]),
    ...(role === 'prefill' ? ['--is-prefill-worker'] : []),
    ...serving.args,
  ];
}
