import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import type { Evaluation } from '@maru/api/resources';
import type { EvaluationRun } from '@maru/api/wire';
import { type CheckedRow, type Evals, type EvaluationInput, type EvaluationPlan, parseDataset, type StartedRun, type Target } from '#evals';
import type { Gateway, Principal } from '#gateway';
import type { Knowledge } from '#knowledge';
import type { Registry } from '#resources';
import type { Log } from '#telemetry';
import { ask } from './ask.ts';

/** Evaluations by the names of their resources. */
export interface Evaluations {
  /** Throws `not_found`. A known id goes on with that run. */
  start(name: string, options?: { runId?: string; signal?: AbortSignal }): Promise<StartedRun>;
  /** Goes on with the runs that an earlier process left. */
  resume(): Promise<void>;
}

export interface EvaluationsOptions {
  readonly registry: Registry;
  readonly evals: Evals;
  readonly knowledge: Knowledge;
  readonly gateway: () => Gateway;
  readonly log: Log;
}

/** Who pays for evaluations. */
const PRINCIPAL: Principal = { tenant: 'default', keyId: 'evaluations' };

export function createEvaluations(options: EvaluationsOptions): Evaluations {
  const { registry, evals, gateway, log } = options;

  const start: Evaluations['start'] = async (name, { runId, signal } = {}) => {
    const evaluation = registry.get('Evaluation', name);
    if (evaluation === undefined) throw new PlatformError('not_found', { message: `there is no Evaluation called "${name}"` });
    const plan: EvaluationPlan = { name, spec: evaluation.spec, target: targetName(evaluation), tenant: PRINCIPAL.tenant };
    const input: EvaluationInput = {
      rows: await readRows(registry, evaluation.spec.dataset),
      target: targetOf(options, evaluation),
      judges: (model) => ({ ask: async (prompt, judgeSignal) => (await ask(gateway(), { model, prompt, principal: PRINCIPAL, signal: judgeSignal })).answer }),
    };
    const started = await evals.start(plan, input, { ...(runId === undefined ? {} : { runId }), ...(signal === undefined ? {} : { signal }) });
    started.finished.then(
      (run) => setStatus(registry, run),
      (error: unknown) => log.warn({ evaluation: name, error: (error as Error).message }, 'evaluation did not finish'),
    );
    return started;
  };

  return {
    start,
    async resume() {
      for (const run of await evals.unfinished()) {
        await start(run.evaluation, { runId: run.id }).catch((error: unknown) =>
          log.warn({ run: run.id, error: (error as Error).message }, 'evaluation can not go on'),
        );
      }
    },
  };
}

/** Means under the names that gates use: `hit@5` also as `hit`. A mean that is missing is left out, so that a gate on it fails. */
export function meansByType(means: EvaluationRun['means']): Record<string, number> {
  const known = Object.entries(means).flatMap(([name, mean]) => (mean === null ? [] : [[name, mean] as const]));
  return Object.fromEntries([...known.map(([name, mean]) => [name.split('@')[0] ?? name, mean] as const), ...known]);
}

export function targetName({ spec }: Evaluation): string {
  if ('agent' in spec.target) return `agent/${spec.target.agent}`;
  return 'model' in spec.target ? `model/${spec.target.model}` : `knowledge/${spec.target.knowledgeBase}`;
}

function targetOf({ gateway, knowledge }: EvaluationsOptions, { spec }: Evaluation): Target {
  const { target } = spec;
  if ('knowledgeBase' in target) {
    return {
      ask: async (input, { signal }) => {
        const passages = await knowledge.search(target.knowledgeBase, input, { topK: 10, signal });
        return { answer: passages[0]?.text ?? '', passages, traceId: null, usage: null, costNanoUsd: null };
      },
    };
  }
  const model = 'agent' in target ? `agent/${target.agent}` : target.model;
  return {
    ask: async (input, { signal, session }) => {
      const asked = await ask(gateway(), { model, prompt: input, principal: PRINCIPAL, payee: { session }, signal });
      return {
        answer: asked.answer,
        passages: asked.sources.map((source) => ({ ...source, heading: source.heading ?? null })),
        traceId: asked.traceId,
        usage: asked.usage,
        costNanoUsd: null,
      };
    },
  };
}

/** The rows of a Dataset: written in the resource, or in a file beside the resource's own. */
async function readRows(registry: Registry, name: string): Promise<readonly CheckedRow[]> {
  const dataset = registry.get('Dataset', name);
  if (dataset === undefined) throw new PlatformError('reference_missing', { message: `there is no Dataset called "${name}"` });
  const { file, rows } = dataset.spec;
  if (file === undefined) return parseDataset({ rows: rows ?? [] });
  const home = registry.stored('Dataset', name)?.file;
  const path = resolve(home === null || home === undefined ? '.' : dirname(home), file);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PlatformError('not_found', { message: `the file "${file}" of the Dataset "${name}" can not be read`, cause });
  });
  return parseDataset({ file, text });
}

function setStatus(registry: Registry, run: EvaluationRun): void {
  registry.setStatus('Evaluation', run.evaluation, {
    phase: run.verdict === 'fail' ? 'Degraded' : 'Ready',
    verdict: run.verdict,
    ...(run.reasons[0] === undefined ? {} : { message: run.reasons[0] }),
  });
}
