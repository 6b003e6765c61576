import type { AgentInfo } from '@maru/api/wire';
import { FactList } from '../../components/facts.tsx';
import { useT } from '../../i18n/index.ts';

/** What the agent is told and what it may do. */
export function AgentFacts({ agent: { spec } }: { readonly agent: AgentInfo }) {
  const t = useT();
  return (
    <div className="flex flex-col gap-3 p-4">
      {spec.description === undefined ? null : <p className="text-second">{spec.description}</p>}
      <FactList
        facts={[
          { label: t('common.model'), value: spec.model },
          { label: t('agents.tools'), value: spec.tools.map((tool) => ('name' in tool ? `${tool.name} (${tool.type})` : tool.type)).join(', ') || '–' },
          { label: t('agents.maxSteps'), value: spec.maxSteps },
          { label: t('agents.timeout'), value: spec.timeout },
          { label: t('agents.approvals'), value: spec.approvals.length === 0 ? t('agents.noApprovals') : spec.approvals.join(', ') },
          { label: t('agents.instructions'), value: <span className="line-clamp-6 whitespace-pre-wrap text-second">{spec.instructions}</span> },
        ]}
      />
    </div>
  );
}
