import { parseWeightsSource } from '../model/weights-source.ts';
import type { DynamoModel } from './dynamo-model.ts';

type Role = 'prefill' | 'decode' | undefined;

const KV_EVENTS = '{"publisher":"zmq","topic":"kv-events","endpoint":"tcp://*:20080","enable_kv_cache_events":true}';
const NIXL = '{"kv_connector":"NixlConnector","kv_role":"kv_both"}';
/** Prefill can not overlap with the handing over of what it has computed. */
const TRT_PREFILL = '{"disable_overlap_scheduler":true,"cache_transceiver_config":{"backend":"DEFAULT"}}';
const TRT_DECODE = '{"cache_transceiver_config":{"backend":"DEFAULT"}}';

/** The command line of a worker: the program of its backend, the weights, and its part of the work. Throws `resource_invalid`. */
export function workerCommand(model: DynamoModel, role: Role): { readonly command: readonly string[]; readonly args: readonly string[] } {
  const { serving, dynamo, servedName } = model;
  const weights = parseWeightsSource(serving.source, model.name).model;
  const mode = role === undefined ? [] : ['--disaggregation-mode', role];
  const command = ['python3', '-m', `dynamo.${dynamo.backend}`];
  const publishes = dynamo.router.mode === 'kv' && role !== 'decode';
  const { tensor, pipeline, data } = serving.parallelism;
  const length = serving.maxModelLen;
  switch (dynamo.backend) {
    case 'vllm':
      return {
        command,
        args: [
          ...['--model', weights, '--served-model-name', servedName],
          ...flag('--tensor-parallel-size', above(tensor)),
          ...flag('--pipeline-parallel-size', above(pipeline)),
          ...flag('--data-parallel-size', above(data)),
          ...flag('--max-model-len', length),
          ...mode,
          ...(role === undefined ? [] : ['--kv-transfer-config', NIXL]),
          ...(publishes ? ['--kv-events-config', KV_EVENTS] : []),
          ...serving.args,
        ],
      };
    case 'sglang':
      return {
        command,
        args: [
          ...['--model-path', weights, '--served-model-name', servedName, '--host', '0.0.0.0', '--page-size', '16'],
          ...['--tp', String(tensor)],
          ...flag('--pp-size', above(pipeline)),
          ...flag('--dp-size', above(data)),
          ...flag('--context-length', length),
          ...mode,
          ...(role === undefined ? [] : ['--disaggregation-transfer-backend', 'nixl', '--disaggregation-bootstrap-port', '12345']),
          ...(publishes ? ['--kv-events-config', KV_EVENTS] : []),
          ...serving.args,
        ],
      };
    case 'trtllm':
      return {
        command,
        args: [
          ...['--model-path', weights, '--served-model-name', servedName],
          ...flag('--tensor-parallel-size', above(tensor)),
          ...flag('--pipeline-parallel-size', above(pipeline)),
          ...flag('--max-seq-len', length),
          ...mode,
          ...(role === undefined ? [] : ['--override-engine-args', role === 'prefill' ? TRT_PREFILL : TRT_DECODE]),
          ...(publishes ? ['--publish-events-and-metrics'] : []),
          ...serving.args,
        ],
      };
    case 'mocker':
      return { command, args: ['--model-path', weights, '--model-name', servedName, ...mode, ...serving.args] };
  }
}

const above = (count: number): number | undefined => (count > 1 ? count : undefined);
const flag = (name: string, value: number | undefined): readonly string[] => (value === undefined ? [] : [name, String(value)]);
