import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { usePollMs } from '../../api/live.ts';
import { accountsQuery, keysQuery } from '../../api/queries.ts';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { AccountPanel } from './account-panel.tsx';
import { AccountTable } from './account-table.tsx';
import { KeyPanel } from './key-panel.tsx';
import { KeysPanel } from './keys-panel.tsx';

/** Who may call: organisations, teams, projects, users and keys, with what each may spend and how it stands. */
export function KeysPage() {
  const t = useT();
  const navigate = useNavigate({ from: '/keys' });
  const { account, key } = useSearch({ from: '/keys' });
  const pollMs = usePollMs(3000);
  const accounts = useQuery({ ...accountsQuery, refetchInterval: pollMs });
  const keys = useQuery({ ...keysQuery, refetchInterval: pollMs });
  const show = (next: { account?: string | undefined; key?: string | undefined }): void =>
    void navigate({ search: (previous) => ({ ...previous, ...next }), replace: true });
  const chosen = accounts.data?.find((candidate) => candidate.id === account);
  const chosenKey = keys.data?.find((candidate) => candidate.id === key);
  return (
    <div className="flex flex-col wide:h-[calc(100dvh-48px)] wide:flex-row">
      <PageHead title={t('nav.keys')} detail={chosenKey?.name ?? chosen?.name} />
      <div className="flex min-w-0 flex-1 flex-col gap-4 p-4 wide:overflow-y-auto wide:px-5 wide:py-5">
        <AccountTable
          query={accounts}
          keys={keys.data ?? []}
          chosen={chosen?.id}
          narrow={chosen !== undefined || chosenKey !== undefined}
          onChoose={(id) => show({ account: id, key: undefined })}
        />
        <KeysPanel
          account={chosen?.id}
          chosen={chosenKey?.id}
          narrow={chosen !== undefined || chosenKey !== undefined}
          onChoose={(id) => show({ key: id })}
          onAllAccounts={() => show({ account: undefined })}
        />
      </div>
      {chosenKey === undefined ? (
        chosen === undefined ? null : (
          <AccountPanel account={chosen} onClose={() => show({ account: undefined })} />
        )
      ) : (
        <KeyPanel key={chosenKey.id} info={chosenKey} onClose={() => show({ key: undefined })} />
      )}
    </div>
  );
}
