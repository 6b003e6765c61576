import type { RouteBackend, RouteCondition } from '@maru/api/resources';

/** Backends that may answer the same request, with their shares of it. */
export interface BackendGroup {
  readonly key: string;
  readonly order: number;
  readonly when: RouteCondition | undefined;
  readonly backends: readonly { readonly backend: RouteBackend; readonly share: number }[];
}

/** Groups by order and condition, as the router takes them; shares by weight, equal where no backend has one. */
export function backendGroups(backends: readonly RouteBackend[]): readonly BackendGroup[] {
  const groups = new Map<string, RouteBackend[]>();
  for (const backend of backends) {
    const key = `${backend.order} ${JSON.stringify(backend.when ?? null)}`;
    groups.set(key, [...(groups.get(key) ?? []), backend]);
  }
  return [...groups]
    .map(([key, members]) => {
      const total = members.reduce((sum, backend) => sum + (backend.weight ?? 1), 0);
      return {
        key,
        order: members[0]?.order ?? 0,
        when: members[0]?.when,
        backends: members.map((backend) => ({ backend, share: total === 0 ? 0 : (backend.weight ?? 1) / total })),
      };
    })
    .toSorted((left, right) => left.order - right.order);
}
