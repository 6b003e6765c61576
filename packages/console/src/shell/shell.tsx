import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { sessionQuery } from '../api/session.ts';
import { onSignedOut } from '../api/signed-out.ts';
import { ErrorState, SkeletonRows } from '../components/states.tsx';
import { useT } from '../i18n/index.ts';
import { LoginPage } from '../pages/login/login-page.tsx';
import { CommandPalette } from './command-palette.tsx';
import { PageHeadProvider } from './page-head.tsx';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import { SideBar } from './side-bar.tsx';
import { TopBar } from './top-bar.tsx';
import { useShortcuts } from './use-shortcuts.ts';

/** Frame of every page; without a session it is the login page. */
export function Shell() {
  const client = useQueryClient();
  const session = useQuery(sessionQuery);
  useEffect(() => onSignedOut(() => client.setQueryData(sessionQuery.queryKey, null)), [client]);
  if (session.data === null) return <LoginPage />;
  if (session.data === undefined) {
    return (
      <main className="mx-auto max-w-[720px] p-7">
        {session.isError ? <ErrorState error={session.error} onRetry={() => void session.refetch()} /> : <SkeletonRows />}
      </main>
    );
  }
  return <Frame />;
}

function Frame() {
  const t = useT();
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  useShortcuts({ onSearch: () => setPaletteOpen(true), onHelp: () => setHelpOpen(true) });
  useFocusOnNavigation();
  return (
    <PageHeadProvider>
      <a href="#content" className="control fixed top-2 left-2 z-50 -translate-y-16 focus:translate-y-0">
        {t('nav.skip')}
      </a>
      <div className="column:grid column:grid-cols-[52px_minmax(0,1fr)] wide:grid-cols-[208px_minmax(0,1fr)]">
        <aside className="sticky top-0 hidden h-dvh border-r border-line bg-bg column:block">
          <SideBar form="rail" />
        </aside>
        <div className="flex min-h-dvh min-w-0 flex-col">
          <TopBar onSearch={() => setPaletteOpen(true)} />
          <main id="content" tabIndex={-1} className="min-w-0 flex-1 outline-none">
            <Outlet />
          </main>
        </div>
      </div>
      <CommandPalette open={paletteOpen} onOpenChange={setPaletteOpen} />
      <ShortcutsDialog open={helpOpen} onOpenChange={setHelpOpen} />
    </PageHeadProvider>
  );
}

/** After a change of page the keyboard begins at the content, not where the last page ended. */
function useFocusOnNavigation(): void {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  useEffect(() => {
    if (path === undefined || document.activeElement === document.body) return;
    document.getElementById('content')?.focus({ preventScroll: true });
  }, [path]);
}
