import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { modelsQuery } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { Select } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { useT } from '../../i18n/index.ts';

const ANY = '';
const SLOW = [ANY, '500', '1000', '5000', '20000'] as const;

/** Text, status, model and slowness; each change is a new address. */
export function TraceFilters() {
  const t = useT();
  const navigate = useNavigate({ from: '/traces' });
  const search = useSearch({ from: '/traces' });
  const models = useQuery(modelsQuery).data ?? [];
  const [text, setText] = useState(search.text ?? '');
  useEffect(() => setText(search.text ?? ''), [search.text]);
  useEffect(() => {
    const next = text.trim() === '' ? undefined : text.trim();
    if (next === search.text) return;
    const timer = setTimeout(() => void navigate({ search: (previous) => ({ ...previous, text: next }), replace: true }), 300);
    return () => clearTimeout(timer);
  }, [text, search.text, navigate]);
  const slow = SLOW.find((value) => value === String(search.minDurationMs ?? ''));
  const any = [search.text, search.status, search.model, search.tenant, search.session, search.minDurationMs].some((value) => value !== undefined);
  return (
    <search className="flex flex-wrap items-center gap-2" aria-label={t('traces.filters')}>
      <div className="relative w-full column:w-[280px]">
        <Icon name="search" size={14} className="pointer-events-none absolute top-[7px] left-2.5 text-third" />
        <input
          type="search"
          className="field pl-8"
          aria-label={t('traces.search')}
          placeholder={t('traces.search')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      <Segmented
        label={t('traces.status')}
        value={search.status ?? 'any'}
        choices={[
          { value: 'any', label: t('traces.anyStatus') },
          { value: 'ok', label: t('state.ok') },
          { value: 'error', label: t('state.error') },
        ]}
        onChange={(status) => void navigate({ search: (previous) => ({ ...previous, status: status === 'any' ? undefined : status }), replace: true })}
      />
      <Select
        label={t('common.model')}
        value={search.model ?? ANY}
        choices={[
          { value: ANY, label: t('traces.anyModel') },
          ...(search.model !== undefined && models.every((model) => model.id !== search.model) ? [{ value: search.model, label: search.model }] : []),
          ...models.map((model) => ({ value: model.id, label: model.id })),
        ]}
        onChange={(model) => void navigate({ search: (previous) => ({ ...previous, model: model === ANY ? undefined : model }), replace: true })}
        className="max-w-[180px]"
      />
      <Select
        label={t('traces.duration')}
        value={slow ?? ANY}
        choices={SLOW.map((value) => ({ value, label: value === ANY ? t('traces.anyDuration') : t('traces.slowerThan', { s: Number(value) / 1000 }) }))}
        onChange={(value) =>
          void navigate({ search: (previous) => ({ ...previous, minDurationMs: value === ANY ? undefined : Number(value) }), replace: true })
        }
      />
      {search.session === undefined ? null : <FilterChip label={t('traces.session')} value={search.session} />}
      {search.tenant === undefined ? null : <FilterChip label={t('common.tenant')} value={search.tenant} />}
      {any ? (
        <Button look="ghost" icon="close" onClick={() => void navigate({ search: (previous) => ({ range: previous.range }), replace: true })}>
          {t('traces.clear')}
        </Button>
      ) : null}
    </search>
  );
}

function FilterChip({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <span className="inline-flex h-7 max-w-[220px] items-center gap-1.5 rounded-control bg-chosen px-2.5 text-12">
      <span className="text-third">{label}</span>
      <span className="truncate">{value}</span>
    </span>
  );
}
