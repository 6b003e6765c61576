import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { logIn, sessionQuery } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { useT } from '../../i18n/index.ts';
import { LanguageMenu } from '../../shell/language-menu.tsx';
import { Mark } from '../../shell/mark.tsx';
import { ThemeMenu } from '../../shell/theme-menu.tsx';

/** Shown whenever the server says that no one is logged in. */
export function LoginPage() {
  const t = useT();
  const client = useQueryClient();
  const [key, setKey] = useState('');
  const login = useMutation({
    mutationFn: () => logIn(key.trim()),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-5 p-5">
      <form
        className="w-full max-w-[360px] rounded-card border border-line bg-panel p-7"
        onSubmit={(event) => {
          event.preventDefault();
          login.mutate();
        }}
      >
        <p className="flex items-center gap-2 text-14 font-bold">
          <Mark /> Maru
        </p>
        <h1 className="mt-5 text-14 font-bold">{t('login.title')}</h1>
        <p className="mt-1 mb-4 text-12 text-second">{t('login.hint')}</p>
        <TextField label={t('login.key')} type="password" name="key" placeholder="sk-…" required value={key} onChange={(event) => setKey(event.target.value)} />
        <InlineError error={login.error} />
        <Button type="submit" look="primary" className="mt-4 w-full justify-center" busy={login.isPending} disabled={key.trim() === ''}>
          {t('login.submit')}
        </Button>
      </form>
      <div className="flex">
        <LanguageMenu />
        <ThemeMenu />
      </div>
    </main>
  );
}
