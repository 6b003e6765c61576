import type { KeyInfo } from '@maru/api/wire';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { revokeKey } from '../../api/actions.ts';
import { keysQuery } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Moment } from '../../components/moment.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView, SkeletonRows } from '../../components/states.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';
import { CreateKeyDialog } from './create-key-dialog.tsx';
import { KeyState } from './key-panel.tsx';

/** Columns for which there is no room beside a panel. */
const WIDE_ONLY: ReadonlySet<string> = new Set(['prefix', 'models', 'limits', 'created']);

interface KeysPanelProps {
  /** Only keys of this account; all where absent. */
  readonly account: string | undefined;
  readonly chosen: string | undefined;
  /** A side panel is open. */
  readonly narrow: boolean;
  readonly onChoose: (id: string) => void;
  readonly onAllAccounts: () => void;
}

/** Keys with their limits and use; revoked ones stay in the list, because their charges do. */
export function KeysPanel({ account, chosen, narrow, onChoose, onAllAccounts }: KeysPanelProps) {
  const t = useT();
  const client = useQueryClient();
  const query = useQuery({
    ...keysQuery,
    select: (keys) => keys.filter((key) => account === undefined || key.tenant === account || key.user === account),
  });
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<KeyInfo | undefined>(undefined);
  const revoke = async (): Promise<void> => {
    if (revoking === undefined) return;
    await revokeKey(revoking.id);
    await client.invalidateQueries({ queryKey: keysQuery.queryKey });
  };
  return (
    <Panel
      title={account === undefined ? t('keys.title') : t('keys.of', { account })}
      hint={query.data?.filter((key) => key.revokedMs === null).length}
      actions={
        <>
          {account === undefined ? null : <Button onClick={onAllAccounts}>{t('keys.all')}</Button>}
          <Button look="primary" icon="plus" onClick={() => setCreating(true)}>
            {t('keys.create')}
          </Button>
        </>
      }
    >
      <QueryView query={query} skeleton={<SkeletonRows rows={3} />}>
        {(keys) =>
          keys.length === 0 ? (
            <EmptyState icon="key" title={t('keys.none')}>
              {t('keys.noneHint')}
            </EmptyState>
          ) : (
            <KeyTable keys={keys} chosen={chosen} narrow={narrow} onChoose={onChoose} onRevoke={setRevoking} />
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

interface KeyTableProps extends Pick<KeysPanelProps, 'chosen' | 'narrow' | 'onChoose'> {
  readonly keys: readonly KeyInfo[];
  readonly onRevoke: (key: KeyInfo) => void;
}

function KeyTable({ keys, chosen, narrow, onChoose, onRevoke }: KeyTableProps) {
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
      isChosen={(row) => row.id === chosen}
      onOpen={(row) => onChoose(row.id)}
      columns={(
        [
          {
            id: 'name',
            header: t('keys.name'),
            cell: (row) => (
              <span className={`inline-flex items-center gap-2 ${row.revokedMs === null ? 'font-medium' : 'text-third'}`}>
                <button type="button" className="max-w-[200px] truncate hover:underline" onClick={() => onChoose(row.id)}>
                  {row.name}
                </button>
                <KeyState info={row} />
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
          { id: 'created', header: t('keys.created'), align: 'right', cell: (row: KeyInfo) => <Moment atMs={row.createdMs} ago /> },
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
        ] satisfies readonly Column<KeyInfo>[]
      ).filter((column) => !narrow || !WIDE_ONLY.has(column.id))}
    />
  );
}
