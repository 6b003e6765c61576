import { API_VERSION } from '@maru/api/resources';
import { stringify } from 'yaml';
import type { Evaluate, PipelinePorts } from '#pipelines';
import { parseResources, problemsError, type Registry } from '#resources';
import type { Traces } from '#traces';
import type { Ingestions } from './ingestions.ts';

export interface PipelinePortsOptions {
  readonly registry: Registry;
  readonly traces: Traces;
  readonly ingestions: Ingestions;
  readonly evaluate: Evaluate['evaluate'];
}

/** Fits the room of pipelines to knowledge, evaluations and the registry. */
export function pipelinePorts({ registry, traces, ingestions, evaluate }: PipelinePortsOptions): PipelinePorts {
  return {
    ingest: { ingest: (base, context) => ingestions.start(base, context.tenant).done },
    evaluate: { evaluate },
    routes: {
      publish: async ({ name, spec }) => {
        const { resources, problems } = parseResources(stringify({ apiVersion: API_VERSION, kind: 'Route', metadata: { name }, spec }));
        if (problems.length > 0) throw problemsError(problems);
        await registry.apply(resources);
      },
    },
    spans: traces,
  };
}
