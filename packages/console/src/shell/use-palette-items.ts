import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { agentsQuery, evaluationsQuery, knowledgeQuery, modelsQuery, resourcesQuery } from '../api/queries.ts';
import { useT } from '../i18n/index.ts';
import { NAV_ENTRIES } from './nav.ts';
import { looksLikeTraceId, matchItems, type PaletteItem } from './palette-items.ts';

const enc = encodeURIComponent;

/** Pages and things that match what was typed. */
export function usePaletteItems(query: string, enabled: boolean): readonly PaletteItem[] {
  const t = useT();
  const models = useQuery({ ...modelsQuery, enabled }).data;
  const agents = useQuery({ ...agentsQuery, enabled }).data;
  const bases = useQuery({ ...knowledgeQuery, enabled }).data;
  const evaluations = useQuery({ ...evaluationsQuery, enabled }).data;
  const resources = useQuery({ ...resourcesQuery, enabled }).data;
  const all = useMemo<readonly PaletteItem[]>(
    () => [
      ...NAV_ENTRIES.map((entry): PaletteItem => ({ id: entry.to, label: t(entry.label), hint: t('search.page'), icon: entry.icon, href: entry.to })),
      ...(agents ?? []).map(
        (agent): PaletteItem => ({ id: `agent-${agent.name}`, label: agent.name, hint: t('search.agent'), icon: 'agents', href: `/agents/${enc(agent.name)}` }),
      ),
      ...(models ?? [])
        .filter((model) => model.kind !== 'agent')
        .map(
          (model): PaletteItem => ({
            id: `model-${model.id}`,
            label: model.id,
            hint: t(`models.kind.${model.kind}`),
            icon: 'models',
            href: `/models?id=${enc(model.id)}`,
          }),
        ),
      ...(bases ?? []).map(
        (base): PaletteItem => ({
          id: `kb-${base.name}`,
          label: base.name,
          hint: t('search.knowledge'),
          icon: 'knowledge',
          href: `/knowledge/${enc(base.name)}`,
        }),
      ),
      ...(evaluations ?? []).map(
        (evaluation): PaletteItem => ({
          id: `eval-${evaluation.name}`,
          label: evaluation.name,
          hint: t('search.evaluation'),
          icon: 'evaluations',
          href: `/evaluations/${enc(evaluation.name)}`,
        }),
      ),
      ...(resources ?? []).map(
        (resource): PaletteItem => ({
          id: `resource-${resource.kind}-${resource.metadata.name}`,
          label: resource.metadata.name,
          hint: t('search.resource', { kind: resource.kind }),
          icon: 'resources',
          href: `/resources/${enc(resource.kind)}/${enc(resource.metadata.name)}`,
        }),
      ),
    ],
    [t, models, agents, bases, evaluations, resources],
  );
  const text = query.trim();
  const found = matchItems(all, text);
  if (text === '') return found;
  const traces: PaletteItem[] = looksLikeTraceId(text)
    ? [{ id: 'trace-id', label: text, hint: t('search.openTrace'), icon: 'traces', href: `/traces/${enc(text)}` }]
    : [{ id: 'trace-text', label: text, hint: t('search.inTraces'), icon: 'search', href: `/traces?text=${enc(text)}` }];
  return looksLikeTraceId(text) ? [...traces, ...found] : [...found, ...traces];
}
