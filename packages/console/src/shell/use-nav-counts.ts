import { useQuery } from '@tanstack/react-query';
import { agentsQuery, evaluationsQuery, knowledgeQuery, modelsQuery, pipelinesQuery, resourcesQuery } from '../api/queries.ts';
import type { NavEntry } from './nav.ts';

const SLOWLY = { staleTime: 30_000, retry: false } as const;

/** How much stands behind an entry of the side bar, where the number is cheap and helps. */
export function useNavCounts(): Partial<Record<NavEntry['to'], number>> {
  const models = useQuery({ ...modelsQuery, ...SLOWLY }).data?.length;
  const agents = useQuery({ ...agentsQuery, ...SLOWLY }).data?.length;
  const knowledge = useQuery({ ...knowledgeQuery, ...SLOWLY }).data?.length;
  const evaluations = useQuery({ ...evaluationsQuery, ...SLOWLY }).data?.length;
  const pipelines = useQuery({ ...pipelinesQuery, ...SLOWLY }).data?.length;
  const resources = useQuery({ ...resourcesQuery, ...SLOWLY }).data?.length;
  const counts: Partial<Record<NavEntry['to'], number | undefined>> = {
    '/models': models,
    '/agents': agents,
    '/knowledge': knowledge,
    '/evaluations': evaluations,
    '/pipelines': pipelines,
    '/resources': resources,
  };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== undefined));
}
