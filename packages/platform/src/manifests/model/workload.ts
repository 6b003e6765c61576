import type { KubeManifest } from '../manifest.ts';
import { LABELS, meta } from '../names.ts';
import type { RenderContext } from '../render-options.ts';
import { vllmArgs } from './engine-command.ts';
import { maruPodTemplate } from './maru-pod-template.ts';
import { enginePodTemplate, type PodTemplate } from './pod-template.ts';
import type { ServedModel } from './served-model.ts';
import { parseWeightsSource } from './weights-source.ts';

/** Left out under an autoscaler: two owners of one number would fight. */
const replicas = (model: ServedModel): { replicas?: number } => (model.serving.autoscaling === undefined ? { replicas: model.serving.replicas } : {});

/** One replica per pod. */
export function deployment(model: ServedModel, context: RenderContext, revision: string): KubeManifest {
  const template: PodTemplate = model.simulated ? maruPodTemplate(model, context, revision) : enginePodTemplate(model, context);
  const several = (model.serving.autoscaling?.minReplicas ?? model.serving.replicas) > 1;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta(model.objectName, context.namespace, model.labels),
    spec: {
      ...replicas(model),
      // GPUs for one more replica are seldom free: with several, one makes room; a single one waits for its successor.
      strategy: { type: 'RollingUpdate', rollingUpdate: several && !model.simulated ? { maxSurge: 0, maxUnavailable: 1 } : { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: model.selector },
      template,
    },
  };
}

/** A replica that spans several nodes: a leader that serves, and workers that share its layers. */
export function leaderWorkerSet(model: ServedModel, context: RenderContext): KubeManifest {
  const role = (name: string): Readonly<Record<string, string>> => ({ [ROLE]: name });
  const workers = model.nodes - 1;
  const ray = model.serving.engine === 'vllm';
  const leader = enginePodTemplate(model, context, { labels: role('leader'), ...(ray ? { command: vllmLeader(model) } : {}) });
  const worker = enginePodTemplate(model, context, { labels: role('worker'), serves: false, ...(ray ? { command: vllmWorker } : {}) });
  return {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    metadata: meta(model.objectName, context.namespace, model.labels),
    spec: {
      ...replicas(model),
      rolloutStrategy: { type: 'RollingUpdate', rollingUpdateConfiguration: { maxUnavailable: 1, maxSurge: 0 } },
      leaderWorkerTemplate: {
        size: workers + 1,
        // A group with a missing member can not go on: its collective calls hang.
        restartPolicy: 'RecreateGroupOnPodRestart',
        leaderTemplate: leader,
        workerTemplate: worker,
      },
    },
  };
}

/** Which pod of a group answers requests. */
const ROLE = 'maru.dev/role';

/** vLLM spans nodes with Ray, by the script that its image carries for this. */
const MULTI_NODE = '/vllm-workspace/examples/online_serving/multi-node-serving.sh';

function vllmLeader(model: ServedModel): { command: readonly string[]; args: readonly string[] } {
  const source = parseWeightsSource(model.serving.source, model.name).model;
  const words = ['vllm', 'serve', source, ...vllmArgs(model), '--distributed-executor-backend=ray', ...model.serving.args].map(shellWord);
  return { command: ['/bin/bash', '-c'], args: [`${MULTI_NODE} leader --ray_cluster_size=$(LWS_GROUP_SIZE) && exec ${words.join(' ')}`] };
}

const vllmWorker = { command: ['/bin/bash', '-c'], args: [`exec ${MULTI_NODE} worker --ray_address=$(LWS_LEADER_ADDRESS)`] };

/** Words come from a resource; nothing of them may reach the shell as syntax. */
const shellWord = (word: string): string => (/^[\w./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** The labels of the pods that answer requests. */
export const servingSelector = (model: ServedModel): Readonly<Record<string, string>> =>
  model.nodes > 1 ? { ...model.selector, [ROLE]: 'leader' } : { [LABELS.model]: model.name };
