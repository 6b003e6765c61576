import type { RouteDecision } from '@maru/api/records';
import { useFormat } from '../format/use-format.ts';
import { DecisionView } from './decision-view.tsx';
import { Icon } from './icon.tsx';

/** Decisions in the order of time; of several only the last one, which made the answer, is open. */
export function DecisionList({ decisions }: { readonly decisions: readonly RouteDecision[] }) {
  const format = useFormat();
  const ordered = decisions.toSorted((left, right) => left.atMs - right.atMs);
  const only = ordered.length === 1 ? ordered[0] : undefined;
  if (only !== undefined) return <DecisionView decision={only} />;
  return ordered.map((decision, index) => (
    <details key={decision.id} open={index === ordered.length - 1} className="group border-t border-faint first-of-type:border-t-0">
      <summary className="flex min-h-8 list-none items-center gap-2 px-4 text-12 hover:bg-hover [&::-webkit-details-marker]:hidden">
        <Icon name="chevronRight" size={12} className="text-third transition-transform duration-(--motion) group-open:rotate-90" />
        <span className="w-4 text-third">{index + 1}</span>
        <span className="truncate font-medium">{decision.chosen}</span>
        <span className="ml-auto text-second">{format.duration(decision.realisedMs)}</span>
      </summary>
      <DecisionView decision={decision} />
    </details>
  ));
}
