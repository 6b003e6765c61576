import { PlatformError } from '@maru/api/errors';
import type { ServedModel } from './served-model.ts';
import { parseWeightsSource } from './weights-source.ts';

/** How an engine is started. */
export interface EngineCommand {
  readonly command: readonly string[];
  readonly args: readonly string[];
}

/** The command line of an engine that serves one model on `0.0.0.0:8000`. Throws `resource_invalid`, `not_supported`. */
export function engineCommand(model: ServedModel): EngineCommand {
  switch (model.serving.engine) {
    case 'vllm':
      return { command: ['vllm', 'serve'], args: [weights(model), ...vllmArgs(model), ...model.serving.args] };
    case 'sglang':
      return { command: ['python3', '-m', 'sglang.launch_server'], args: [...sglangArgs(model), ...model.serving.args] };
    case 'tensorrt-llm':
      return { command: ['trtllm-serve'], args: [weights(model), ...tensorrtArgs(model), ...model.serving.args] };
    default:
      throw new PlatformError('not_supported', { message: `${model.origin}: the engine ${model.serving.engine} is not started by a command line of its own` });
  }
}

const weights = (model: ServedModel): string => parseWeightsSource(model.serving.source, model.name).model;
const flag = (name: string, value: string | number | undefined): readonly string[] => (value === undefined ? [] : [`${name}=${value}`]);
const above = (name: string, count: number): readonly string[] => (count > 1 ? [`${name}=${count}`] : []);

export function vllmArgs(model: ServedModel): readonly string[] {
  const { serving } = model;
  const { parallelism } = serving;
  return [
    flag('--served-model-name', model.servedName),
    flag('--port', model.port),
    above('--tensor-parallel-size', parallelism.tensor),
    above('--pipeline-parallel-size', parallelism.pipeline),
    above('--data-parallel-size', parallelism.data),
    parallelism.expert > 1 ? ['--enable-expert-parallel'] : [],
    flag('--max-model-len', serving.maxModelLen),
    serving.source?.startsWith('s3://') === true ? ['--load-format=runai_streamer'] : [],
    [serving.prefixCaching ? '--enable-prefix-caching' : '--no-enable-prefix-caching'],
  ].flat();
}

function sglangArgs(model: ServedModel): readonly string[] {
  const { serving } = model;
  const { parallelism } = serving;
  const multiNode = model.nodes > 1 ? [`--nnodes=${model.nodes}`, '--node-rank=$(LWS_WORKER_INDEX)', '--dist-init-addr=$(LWS_LEADER_ADDRESS):20000'] : [];
  return [
    flag('--model-path', weights(model)),
    flag('--served-model-name', model.servedName),
    ['--host=0.0.0.0'],
    flag('--port', model.port),
    above('--tp-size', parallelism.tensor),
    above('--pp-size', parallelism.pipeline),
    above('--dp-size', parallelism.data),
    above('--ep-size', parallelism.expert),
    flag('--context-length', serving.maxModelLen),
    ['--enable-metrics'],
    serving.prefixCaching ? [] : ['--disable-radix-cache'],
    multiNode,
  ].flat();
}

function tensorrtArgs(model: ServedModel): readonly string[] {
  const { serving } = model;
  const { parallelism } = serving;
  if (model.nodes > 1) {
    throw new PlatformError('not_supported', {
      message: `${model.origin}: TensorRT-LLM over several nodes is not rendered; use the engine vllm, sglang or dynamo, or parallelism.pipeline 1`,
    });
  }
  return [
    ['--host=0.0.0.0'],
    flag('--port', model.port),
    above('--tp_size', parallelism.tensor),
    above('--ep_size', parallelism.expert),
    flag('--max_seq_len', serving.maxModelLen),
  ].flat();
}
