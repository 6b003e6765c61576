import { completionTokens, promptTokens, type Usage } from '@maru/api/records';
import { useFormat } from '../format/use-format.ts';
import { useT } from '../i18n/index.ts';
import type { Fact } from './facts.tsx';

/** The five disjoint buckets of tokens, without those that are empty. */
export function useUsageFacts(): (usage: Usage) => readonly Fact[] {
  const t = useT();
  const format = useFormat();
  return (usage) =>
    (
      [
        [t('usage.input'), usage.inputTokens],
        [t('usage.cacheRead'), usage.cacheReadTokens],
        [t('usage.cacheWrite'), usage.cacheWriteTokens],
        [t('usage.output'), usage.outputTokens],
        [t('usage.reasoning'), usage.reasoningTokens],
      ] as const
    )
      .filter(([, tokens], index) => tokens > 0 || index === 0 || index === 3)
      .map(([label, tokens]) => ({ label, value: format.number(tokens) }));
}

/** Tokens in and out: `8,214 → 312`. */
export function TokenFlow({ usage }: { readonly usage: Usage | undefined }) {
  const t = useT();
  const format = useFormat();
  if (usage === undefined || promptTokens(usage) + completionTokens(usage) === 0) return <span className="text-third">–</span>;
  return (
    <span>
      {format.number(promptTokens(usage))}
      <span aria-hidden="true" className="px-1 text-third">
        →
      </span>
      <span className="sr-only"> {t('usage.in')}, </span>
      {format.number(completionTokens(usage))}
      <span className="sr-only"> {t('usage.out')}</span>
    </span>
  );
}
