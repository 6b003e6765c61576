import { addUsage, type RunStep, type Usage, ZERO_USAGE } from '@maru/api/records';
import type { Source } from './tools/tool.ts';

/** Output of a run of an agent. */
export interface AgentOutput {
  readonly text: string;
  /** What the answer rests on: the passages that it names, or all that were found when it names none. */
  readonly sources: readonly Source[];
  /** Summed over all model calls, those of nested agents included. */
  readonly usage: Usage;
  readonly modelCalls: number;
  readonly toolCalls: number;
}

export function toOutput(text: string, found: readonly Source[], steps: readonly RunStep[]): AgentOutput {
  return {
    text,
    sources: citedSources(text, found),
    usage: sumUsage(steps),
    modelCalls: steps.filter((step) => step.kind !== 'tool' && usageOf(step) !== undefined).length,
    toolCalls: steps.filter((step) => step.kind === 'tool').length,
  };
}

/** Usage of all steps that have one. */
export const sumUsage = (steps: readonly RunStep[]): Usage => steps.reduce((sum, step) => addUsage(sum, usageOf(step) ?? ZERO_USAGE), ZERO_USAGE);

const usageOf = (step: RunStep): Usage | undefined => (step.output as { usage?: Usage } | null | undefined)?.usage;

function citedSources(text: string, found: readonly Source[]): readonly Source[] {
  const unique = [...new Map(found.map((source) => [`${source.knowledgeBase}\n${source.citation}\n${source.text}`, source])).values()];
  const cited = unique.filter((source) => source.citation !== '' && text.includes(source.citation));
  return cited.length > 0 ? cited : unique;
}
