import type { EvaluationSpec, EvaluatorSpec } from '@maru/api/resources';
import type { CheckedRow } from '../dataset/check-rows.ts';
import type { Judge, Target } from '../ports.ts';

/** What is to be measured: an Evaluation resource with the names that people know its parts by. */
export interface EvaluationPlan {
  /** Name of the Evaluation resource. */
  readonly name: string;
  readonly spec: Pick<EvaluationSpec, 'dataset' | 'evaluators' | 'thresholds' | 'concurrency'>;
  /** For people: `agent/guide`, `model/auto`, `knowledge/handbook`. */
  readonly target: string;
  readonly tenant: string;
}

/** What a run works with; none of it is stored. */
export interface EvaluationInput {
  /** Rows as `parseDataset` gives them. A run that goes on keeps the rows it began with. */
  readonly rows: readonly CheckedRow[];
  readonly target: Target;
  /** The judge of a model name; needed by faithfulness only. */
  readonly judges?: (model: string) => Judge;
}

export interface RunOptions {
  /** Aborted with `shutting_down` the run can go on later; aborted otherwise it is cancelled. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
  /** A known id goes on with that run: no finished row is asked again, and a finished run is only read. */
  readonly runId?: string;
}

export interface EvaluationProgress {
  readonly runId: string;
  readonly rows: number;
  readonly rowsDone: number;
  readonly rowsFailed: number;
}

/** What is stored of a plan, so that the verdict is made by what the run began with. */
export interface StoredPlan {
  readonly evaluators: readonly EvaluatorSpec[];
  readonly thresholds: Readonly<Record<string, number>>;
}
