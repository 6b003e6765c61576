import type { RouteBackend, RouteSpec } from '@maru/api/resources';
import { Bar } from '../../../components/bars.tsx';
import { Tag } from '../../../components/tag.tsx';
import { useFormat } from '../../../format/use-format.ts';
import { useT } from '../../../i18n/index.ts';
import { backendGroups } from './backend-groups.ts';
import { useCondition } from './use-condition.ts';

/** The backends of a route in the order in which they are tried, with the share that weights give each. */
export function BackendList({ spec }: { readonly spec: RouteSpec }) {
  const t = useT();
  const format = useFormat();
  const say = useCondition();
  return backendGroups(spec.backends).map((group) => (
    <div key={group.key} className="border-t border-faint px-4 py-2 first:border-t-0">
      {group.when === undefined && group.order === 0 ? null : (
        <p className="mb-1 text-12 text-second">
          {group.order === 0 ? null : <Tag>{t('route.tier', { n: group.order })}</Tag>}{' '}
          {group.when === undefined ? null : t('route.when', { condition: say(group.when) })}
        </p>
      )}
      {group.backends.map(({ backend, share }) => (
        <div key={backend.model} className="flex min-h-7 flex-wrap items-center gap-x-3 text-12">
          <span className="min-w-[96px] font-medium">{backend.model}</span>
          <span className="figure inline-flex items-center gap-2 text-second">
            <Bar share={share} className="w-12" />
            {format.percent(share)}
          </span>
          <BackendNotes backend={backend} />
        </div>
      ))}
    </div>
  ));
}

function BackendNotes({ backend }: { readonly backend: RouteBackend }) {
  const t = useT();
  const format = useFormat();
  const notes = [
    backend.reason,
    backend.rpm === undefined ? undefined : t('keys.rpm', { n: format.number(backend.rpm) }),
    backend.tpm === undefined ? undefined : t('keys.tpm', { n: format.number(backend.tpm) }),
    backend.maxParallel === undefined ? undefined : t('route.atOnce', { n: format.number(backend.maxParallel) }),
    backend.tags === undefined ? undefined : t('route.tags', { tags: backend.tags.join(', ') }),
    backend.budget === undefined ? undefined : t('route.budget', { usd: format.usd(backend.budget.usd), per: backend.budget.per }),
  ].filter((note) => note !== undefined);
  return notes.length === 0 ? null : <span className="text-third">{notes.join(' · ')}</span>;
}
