import { durationToMs } from '@maru/api/resources';
import { gpuRequest } from '../model/gpu-request.ts';
import type { RenderContext } from '../render-options.ts';
import type { Component } from './component.ts';
import type { DynamoModel } from './dynamo-model.ts';
import { workerCommand } from './worker-args.ts';

const NO_VARIABLES = { env: [], envFrom: undefined, nodes: 1 } as const;

/** The parts of the graph of a Model: frontends, workers (split where prefill and decode are), and a planner where one is asked for. */
export function componentsOf(model: DynamoModel, context: RenderContext): readonly Component[] {
  const { serving, dynamo } = model;
  const split = serving.disaggregation;
  const workers =
    split === undefined
      ? [worker(model, context, { name: 'Worker', replicas: serving.replicas })]
      : [
          worker(model, context, { name: 'DecodeWorker', replicas: split.decodeReplicas, role: 'decode' }),
          worker(model, context, { name: 'PrefillWorker', replicas: split.prefillReplicas, role: 'prefill' }),
        ];
  return [frontend(model, context), ...(dynamo.planner === undefined ? [] : [planner(model, context, dynamo.planner)]), ...workers];
}

function frontend(model: DynamoModel, context: RenderContext): Component {
  const { mode, overlapCredit, temperature } = model.dynamo.router;
  return {
    ...NO_VARIABLES,
    name: 'Frontend',
    type: 'frontend',
    replicas: model.dynamo.frontends,
    image: imageOf(model, context),
    command: ['python3', '-m', 'dynamo.frontend'],
    args: [
      ...['--http-port', String(model.port), '--router-mode', mode],
      ...(overlapCredit === undefined ? [] : ['--router-kv-overlap-score-credit', String(overlapCredit)]),
      ...(temperature === undefined ? [] : ['--router-temperature', String(temperature)]),
    ],
  };
}

function planner(model: DynamoModel, context: RenderContext, settings: NonNullable<DynamoModel['dynamo']['planner']>): Component {
  const config = {
    environment: 'kubernetes',
    backend: model.dynamo.backend,
    optimization_target: 'sla',
    enable_throughput_scaling: true,
    enable_load_scaling: true,
    pre_deployment_sweeping_mode: 'none',
    throughput_adjustment_interval_seconds: durationToMs(settings.throughputEvery) / 1000,
    load_adjustment_interval_seconds: durationToMs(settings.loadEvery) / 1000,
  };
  return {
    ...NO_VARIABLES,
    name: 'Planner',
    type: 'planner',
    replicas: 1,
    image: context.images['dynamo-planner'],
    command: ['python3', '-m', 'dynamo.planner'],
    args: ['--config', JSON.stringify(config)],
  };
}

interface WorkerOptions {
  readonly name: string;
  readonly replicas: number;
  readonly role?: 'prefill' | 'decode';
}

function worker(model: DynamoModel, context: RenderContext, { name, replicas, role }: WorkerOptions): Component {
  return {
    name,
    type: role ?? 'worker',
    replicas,
    image: imageOf(model, context),
    ...workerCommand(model, role),
    env: Object.entries(model.serving.env).map(([variable, value]) => ({ name: variable, value })),
    envFrom: model.dynamo.envFrom,
    nodes: model.nodes,
    ...(model.dynamo.backend === 'mocker' ? {} : { gpu: { count: model.gpusPerPod, ...gpuRequest(model) } }),
  };
}

const imageOf = ({ serving, dynamo }: DynamoModel, { images }: RenderContext): string =>
  serving.image ?? (dynamo.backend === 'mocker' ? images['dynamo-planner'] : images[`dynamo-${dynamo.backend}`]);
