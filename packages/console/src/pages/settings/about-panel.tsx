import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { logOut, sessionQuery } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { FactList } from '../../components/facts.tsx';
import { Moment } from '../../components/moment.tsx';
import { Panel } from '../../components/panel.tsx';
import { useT } from '../../i18n/index.ts';

/** Version, where the data lies, and the address for clients. */
export function AboutPanel() {
  const t = useT();
  const client = useQueryClient();
  const { data: session } = useQuery(sessionQuery);
  const leave = useMutation({ mutationFn: logOut, onSuccess: () => client.setQueryData(sessionQuery.queryKey, null) });
  if (!session) return null;
  return (
    <Panel
      title={t('settings.about')}
      actions={
        <Button busy={leave.isPending} onClick={() => leave.mutate()}>
          {t('settings.logOut')}
        </Button>
      }
    >
      <FactList
        className="items-center px-4 py-3"
        facts={[
          { label: t('settings.version'), value: `Maru ${session.version}` },
          {
            label: t('settings.baseUrl'),
            value: (
              <span className="flex items-center gap-1">
                <code className="font-mono text-11 break-all">{session.baseUrl}</code>
                <CopyButton text={session.baseUrl} />
              </span>
            ),
          },
          { label: t('settings.dataDir'), value: <code className="font-mono text-11 break-all">{session.dataDir}</code> },
          { label: t('settings.store'), value: session.store === 'sqlite' ? 'SQLite' : 'PostgreSQL' },
          { label: t('settings.started'), value: <Moment atMs={session.startedMs} ago /> },
          { label: t('settings.content'), value: session.captureContent ? t('settings.contentOn') : t('settings.contentOff') },
          {
            label: t('settings.role'),
            value: session.principal.role === 'admin' ? t('settings.roleAdmin') : t('settings.roleKey', { tenant: session.principal.tenant }),
          },
        ]}
      />
    </Panel>
  );
}
