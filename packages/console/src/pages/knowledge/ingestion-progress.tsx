import type { KnowledgeBaseInfo } from '@maru/api/wire';
import { Bar } from '../../components/bars.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

/** How far the reading of documents is; a finished base is quiet. */
export function IngestionProgress({ base }: { readonly base: KnowledgeBaseInfo }) {
  const t = useT();
  const format = useFormat();
  if (base.ingestion === null) return <span className="text-12 text-second">{base.documents === 0 ? t('knowledge.empty') : t('knowledge.upToDate')}</span>;
  const { done, total } = base.ingestion;
  return (
    <span className="figure inline-flex items-center gap-2 align-middle">
      <Bar share={total === 0 ? 0 : done / total} />
      <span className="text-12 text-second">{t('knowledge.progress', { done: format.number(done), total: format.number(total) })}</span>
    </span>
  );
}
