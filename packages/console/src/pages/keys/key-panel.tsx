import type { KeyChange, KeyInfo } from '@maru/api/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { updateKey } from '../../api/actions.ts';
import { budgetsQuery, keysQuery } from '../../api/queries.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { FactList } from '../../components/facts.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { Moment } from '../../components/moment.tsx';
import { Tag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { BudgetList } from './budget-list.tsx';
import { RotateKeyDialog } from './rotate-key-dialog.tsx';

/** One key: what it may do, how its budgets stand, and what can be done to it. */
export function KeyPanel({ info, onClose }: { readonly info: KeyInfo; readonly onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const client = useQueryClient();
  const [rotating, setRotating] = useState(false);
  const change = useMutation({
    mutationFn: (fields: KeyChange) => updateKey(info.id, fields),
    onSuccess: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const budgets = (useQuery(budgetsQuery).data ?? []).filter((budget) => budget.ownerKind === 'key' && budget.owner === info.id);
  const live = info.revokedMs === null;
  const limits = Object.entries(info.limits ?? {}).flatMap(([name, value]) => (typeof value === 'number' ? [{ name, value }] : []));
  return (
    <aside aria-label={info.name} className="slide-in shrink-0 border-line bg-panel max-wide:border-t wide:w-[400px] wide:overflow-y-auto wide:border-l">
      <header className="flex items-center gap-2 px-4 pt-3">
        <h2 className="min-w-0 font-bold break-words">{info.name}</h2>
        <KeyState info={info} />
        <IconButton icon="close" label={t('common.close')} className="-mr-2 ml-auto" onClick={onClose} />
      </header>
      <p className="px-4 font-mono text-11 text-third">{info.id}</p>
      <div className="flex flex-wrap gap-2 px-4 py-3">
        {live ? (
          <>
            <Button icon="refresh" onClick={() => setRotating(true)}>
              {t('keys.rotate')}
            </Button>
            <Button look={info.blocked ? 'plain' : 'danger'} busy={change.isPending} onClick={() => change.mutate({ blocked: !info.blocked })}>
              {t(info.blocked ? 'keys.unblock' : 'keys.block')}
            </Button>
          </>
        ) : null}
        <Link to="/costs" search={{ by: 'key' }} className="control">
          {t('overview.allCosts')}
        </Link>
      </div>
      <div className="px-4">
        <InlineError error={change.error} />
      </div>
      <FactList
        className="border-t border-line px-4 py-3"
        facts={[
          { label: t('keys.prefix'), value: <code className="font-mono text-11">{info.prefix}…</code> },
          { label: t('keys.account'), value: info.user === null ? info.tenant : `${info.tenant} · ${info.user}` },
          { label: t('accounts.models'), value: info.models === null ? t('keys.allModels') : info.models.join(', ') },
          ...(info.tags.length === 0 ? [] : [{ label: t('keys.tags'), value: info.tags.join(', ') }]),
          { label: t('keys.expires'), value: info.expiresMs === null ? t('costs.never') : format.instant(info.expiresMs) },
          { label: t('keys.lastUsed'), value: <Moment atMs={info.lastUsedMs} ago /> },
          { label: t('keys.created'), value: format.instant(info.createdMs) },
          { label: t('accounts.spentEver'), value: format.nanoMoney(info.spentNanoUsd) },
        ]}
      />
      <section className="border-t border-line px-4 py-3">
        <h3 className="mb-1 text-12 font-medium">{t('costs.budgets')}</h3>
        <BudgetList budgets={budgets} />
      </section>
      <section className="border-t border-line px-4 py-3">
        <h3 className="mb-1 text-12 font-medium">{t('keys.limits')}</h3>
        {limits.length === 0 ? <p className="text-12 text-third">{t('route.none')}</p> : null}
        <FactList
          facts={limits.map(({ name, value }) => ({ label: LIMIT_WORDS[name] === undefined ? name : t(LIMIT_WORDS[name]), value: format.number(value) }))}
        />
      </section>
      <RotateKeyDialog info={info} open={rotating} onOpenChange={setRotating} />
    </aside>
  );
}

const LIMIT_WORDS: Readonly<Record<string, 'limit.requests' | 'limit.tokens' | 'limit.input-tokens' | 'limit.output-tokens' | 'limit.concurrent'>> = {
  requestsPerMinute: 'limit.requests',
  tokensPerMinute: 'limit.tokens',
  inputTokensPerMinute: 'limit.input-tokens',
  outputTokensPerMinute: 'limit.output-tokens',
  concurrentRequests: 'limit.concurrent',
};

/** What is not usual of a key; a key that works says nothing. */
export function KeyState({ info }: { readonly info: KeyInfo }) {
  const t = useT();
  if (info.revokedMs !== null) return <Tag>{t('keys.revoked')}</Tag>;
  if (info.blocked) return <Tag tone="red">{t('keys.blocked')}</Tag>;
  return info.expiresMs !== null && info.expiresMs <= Date.now() ? <Tag tone="amber">{t('keys.expired')}</Tag> : null;
}
