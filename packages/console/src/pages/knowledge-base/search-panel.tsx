import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { searchKnowledge } from '../../api/actions.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { PassageCard } from './passage-card.tsx';

const MODES = ['hybrid', 'keyword', 'vector'] as const;
const TOP_K = 8;

/** What an agent would find: the passages for a question, best first. */
export function SearchPanel({ base }: { readonly base: string }) {
  const t = useT();
  const format = useFormat();
  const navigate = useNavigate({ from: '/knowledge/$name' });
  const { q: searched } = useSearch({ from: '/knowledge/$name' });
  const [text, setText] = useState(searched ?? '');
  const [mode, setMode] = useState<(typeof MODES)[number]>('hybrid');
  useEffect(() => setText(searched ?? ''), [searched]);
  const query = useQuery({
    queryKey: ['search', base, searched, mode],
    queryFn: ({ signal }) => searchKnowledge(base, { query: searched ?? '', topK: TOP_K, mode }, signal),
    enabled: searched !== undefined,
    staleTime: 30_000,
  });
  return (
    <Panel
      title={t('knowledge.search')}
      hint={query.data === undefined ? undefined : t('knowledge.found', { n: query.data.passages.length, duration: format.duration(query.data.tookMs) })}
      actions={
        <Segmented
          label={t('knowledge.mode')}
          value={mode}
          choices={MODES.map((value) => ({ value, label: t(`knowledge.mode.${value}`) }))}
          onChange={setMode}
        />
      }
    >
      <form
        className="flex gap-2 p-3"
        onSubmit={(event) => {
          event.preventDefault();
          const next = text.trim();
          void navigate({ search: (previous) => ({ ...previous, q: next === '' ? undefined : next }), replace: true });
        }}
      >
        <input
          type="search"
          className="field"
          aria-label={t('knowledge.question')}
          placeholder={t('knowledge.question')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" look="primary" icon="search" busy={query.isFetching}>
          {t('knowledge.find')}
        </Button>
      </form>
      {searched === undefined ? (
        <EmptyState icon="search" title={t('knowledge.searchTitle')}>
          {t('knowledge.searchHint')}
        </EmptyState>
      ) : (
        <QueryView query={query}>
          {({ passages }) =>
            passages.length === 0 ? (
              <EmptyState icon="search" title={t('knowledge.nothing')}>
                {t('knowledge.nothingHint')}
              </EmptyState>
            ) : (
              <ol aria-label={t('knowledge.results')}>
                {passages.map((passage, index) => (
                  <PassageCard key={passage.id} passage={passage} rank={index + 1} query={searched} />
                ))}
              </ol>
            )
          }
        </QueryView>
      )}
    </Panel>
  );
}
