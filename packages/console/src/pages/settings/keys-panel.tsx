import type { KeyInfo } from '@maru/api/wire';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { revokeKey } from '../../api/actions.ts';
import { keysQuery } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Moment } from '../../components/moment.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView, SkeletonRows } from '../../components/states.tsx';
import { Tag } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { CreateKeyDialog } from './create-key-dialog.tsx';

/** Keys with their limits and use; revoked ones stay in the list, because their charges do. */
export function KeysPanel() {
  const t = useT();
  const client = useQueryClient();
  const query = useQuery(keysQuery);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<KeyInfo | undefined>(undefined);
  const revoke = async (): Promise<void> => {
    if (revoking === undefined) return;
    await revokeKey(revoking.id);
    await client.invalidateQueries({ queryKey: keysQuery.queryKey });
  };
  return (
    <Panel
      title={t('keys.title')}
      hint={query.data?.filter((key) => key.revokedMs === null).length}
      actions={
        <Button look="primary" icon="plus" onClick={() => setCreating(true)}>
          {t('keys.create')}
        </Button>
      }
    >
      <QueryView query={query} skeleton={<SkeletonRows rows={3} />}>
        {(keys) =>
          keys.length === 0 ? (
            <EmptyState icon="key" title={t('keys.none')}>
              {t('keys.noneHint')}
            </EmptyState>
          ) : (
            <KeyTable keys={keys} onRevoke={setRevoking} />
          )
        }
      </QueryView>
      <CreateKeyDialog open={creating} onOpenChange={setCreating} />
      <ConfirmDialog
        open={revoking !== undefined}
        onOpenChange={(open) => {
          if (!open) setRevoking(undefined);
        }}
        title={t('keys.revokeTitle', { name: revoking?.name ?? '' })}
        description={t('keys.revokeText')}
        verb={t('keys.revoke')}
        onConfirm={revoke}
      />
    </Panel>
  );
}

function KeyTable({ keys, onRevoke }: { readonly keys: readonly KeyInfo[]; readonly onRevoke: (key: KeyInfo) => void }) {
  const t = useT();
  const format = useFormat();
  const sorted = keys.toSorted((left, right) => Number(left.revokedMs !== null) - Number(right.revokedMs !== null) || right.createdMs - left.createdMs);
  const limits = (key: KeyInfo): string =>
    [
      key.limits?.requestsPerMinute === undefined ? undefined : t('keys.rpm', { n: format.number(key.limits.requestsPerMinute) }),
      key.limits?.tokensPerMinute === undefined ? undefined : t('keys.tpm', { n: format.number(key.limits.tokensPerMinute) }),
    ]
      .filter((limit) => limit !== undefined)
      .join(' · ') || '–';
  return (
    <DataTable
      label={t('keys.title')}
      rows={sorted}
      rowKey={(row) => row.id}
      columns={[
        {
          id: 'name',
          header: t('keys.name'),
          cell: (row) => (
            <span className={`inline-flex items-center gap-2 ${row.revokedMs === null ? 'font-medium' : 'text-third'}`}>
              {row.name}
              {row.revokedMs === null ? null : <Tag>{t('keys.revoked')}</Tag>}
            </span>
          ),
        },
        { id: 'prefix', header: t('keys.prefix'), cell: (row) => <code className="font-mono text-11 text-second">{row.prefix}…</code> },
        { id: 'tenant', header: t('common.tenant'), className: 'text-second', cell: (row) => row.tenant },
        {
          id: 'models',
          header: t('keys.models'),
          className: 'text-second',
          cell: (row) => (
            <span className="inline-block max-w-[200px] truncate align-bottom">{row.models === null ? t('keys.allModels') : row.models.join(', ')}</span>
          ),
        },
        { id: 'limits', header: t('keys.limits'), className: 'text-second', cell: limits },
        {
          id: 'spent',
          header: t('keys.spent'),
          align: 'right',
          cell: (row) => (
            <span>
              {format.nano(row.spentNanoUsd)}
              {row.budgets[0] === undefined ? null : <span className="text-third"> / {format.usd(row.budgets[0].usd)}</span>}
            </span>
          ),
        },
        { id: 'used', header: t('keys.lastUsed'), align: 'right', cell: (row) => <Moment atMs={row.lastUsedMs} ago /> },
        { id: 'created', header: t('keys.created'), align: 'right', cell: (row) => <Moment atMs={row.createdMs} ago /> },
        {
          id: 'revoke',
          header: <span className="sr-only">{t('keys.revoke')}</span>,
          align: 'right',
          cell: (row) =>
            row.revokedMs === null ? (
              <Button look="danger" className="h-6!" aria-label={t('keys.revokeTitle', { name: row.name })} onClick={() => onRevoke(row)}>
                {t('keys.revoke')}
              </Button>
            ) : null,
        },
      ]}
    />
  );
}
