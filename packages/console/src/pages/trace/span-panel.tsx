import type { RouteDecision, Span } from '@maru/api/records';
import type { TraceDetail } from '@maru/api/wire';
import { CodeBlock, readable } from '../../components/code-block.tsx';
import { DecisionView } from '../../components/decision-view.tsx';
import { FactList } from '../../components/facts.tsx';
import { type Tab, Tabs } from '../../components/tabs.tsx';
import { SimulatedTag, StateTag } from '../../components/tag.tsx';
import { useUsageFacts } from '../../components/usage-view.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { SpanContent } from './span-content.tsx';

interface SpanPanelProps {
  readonly span: Span;
  readonly trace: TraceDetail;
  readonly decisions: readonly RouteDecision[];
  readonly tab: string | undefined;
  readonly onTab: (tab: string) => void;
}

/** A request may be routed more than once; the decision that lies in the time of the span is its own. */
function decisionOf(span: Span, decisions: readonly RouteDecision[]): RouteDecision | undefined {
  if (span.kind !== 'engine' && span.kind !== 'route' && span.kind !== 'gateway') return undefined;
  const id = span.attributes['maru.decision_id'] ?? span.attributes['maru.decisionId'];
  const endMs = span.endMs ?? Number.POSITIVE_INFINITY;
  return (
    decisions.find((decision) => decision.id === id) ??
    decisions.findLast((decision) => decision.atMs <= endMs + 5 && decision.atMs >= span.startMs - 50) ??
    (decisions.length === 1 ? decisions[0] : undefined)
  );
}

/** Everything about the chosen span; its address holds the tab. */
export function SpanPanel({ span, trace, decisions, tab, onTab }: SpanPanelProps) {
  const t = useT();
  const decision = decisionOf(span, decisions);
  const simulated = span.attributes['maru.simulated'] === true;
  const tabs: Tab[] = [
    { id: 'content', label: t('trace.content'), content: <SpanContent span={span} /> },
    ...(decision === undefined ? [] : [{ id: 'routing', label: t('trace.routing'), content: <DecisionView decision={decision} /> }]),
    { id: 'usage', label: t('trace.usage'), content: <SpanUsage span={span} trace={trace} /> },
    {
      id: 'raw',
      label: t('trace.attributes'),
      content: (
        <div className="p-4">
          <SpanAttributes span={span} />
        </div>
      ),
    },
  ];
  const current = tabs.some((candidate) => candidate.id === tab) ? (tab ?? 'content') : 'content';
  return (
    <aside aria-label={t('trace.details')} className="shrink-0 border-line bg-panel max-wide:border-t wide:w-[380px] wide:overflow-y-auto wide:border-l">
      <header className="px-4 pt-3 pb-1">
        <h2 className="flex items-center gap-2 font-bold break-words">
          {span.name}
          {simulated ? <SimulatedTag /> : null}
        </h2>
        <p className="font-mono text-11 text-third">
          {t('trace.span')} {span.spanId}
        </p>
      </header>
      <Tabs label={t('trace.details')} tabs={tabs} value={current} onChange={onTab} />
    </aside>
  );
}

function SpanUsage({ span, trace }: { readonly span: Span; readonly trace: TraceDetail }) {
  const t = useT();
  const format = useFormat();
  const usageFacts = useUsageFacts();
  const scores = trace.scores.filter((score) => score.spanId === undefined || score.spanId === span.spanId);
  return (
    <div className="flex flex-col gap-4 p-4">
      <FactList
        facts={[
          { label: t('trace.status'), value: <StateTag state={span.status === 'unset' ? 'ok' : span.status} /> },
          { label: t('trace.started'), value: format.instant(span.startMs) },
          { label: t('traces.duration'), value: span.endMs === null ? t('trace.open') : format.duration(span.endMs - span.startMs) },
          ...(span.model === undefined ? [] : [{ label: t('common.model'), value: span.model }]),
          ...(span.usage === undefined ? [] : usageFacts(span.usage)),
          {
            label: t('common.cost'),
            value: span.costNanoUsd === undefined ? '–' : span.costNanoUsd === null ? t('common.noPrice') : format.nanoMoney(span.costNanoUsd),
          },
          ...scores.map((score) => ({
            label: score.name,
            value: `${format.decimal(score.value, 2)}${score.comment === undefined ? '' : ` · ${score.comment}`}`,
          })),
        ]}
      />
      {span.usage === undefined ? <p className="text-12 text-third">{t('trace.noUsage')}</p> : null}
    </div>
  );
}

function SpanAttributes({ span }: { readonly span: Span }) {
  const t = useT();
  const entries = Object.entries(span.attributes);
  if (entries.length === 0) return <p className="text-12 text-third">{t('trace.noAttributes')}</p>;
  const simple = entries.filter(([, value]) => typeof value !== 'object' || value === null);
  const complex = entries.filter(([, value]) => typeof value === 'object' && value !== null);
  return (
    <div className="flex flex-col gap-3">
      <FactList facts={simple.map(([label, value]) => ({ label, value: <span className="font-mono text-11">{String(value)}</span> }))} />
      {complex.map(([label, value]) => (
        <div key={label}>
          <p className="mb-1 text-12 text-third">{label}</p>
          <CodeBlock label={label} text={readable(value)} />
        </div>
      ))}
    </div>
  );
}
