import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { createKey } from '../../api/actions.ts';
import { keysQuery } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { useT } from '../../i18n/index.ts';
import { BUDGET_WINDOWS, EMPTY_KEY_FORM, type KeyFormField, toNewKey, wrongFields } from './key-form.ts';
import { SecretDialog } from './secret-dialog.tsx';

/** Makes a key and shows its secret, once. */
export function CreateKeyDialog({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const t = useT();
  const client = useQueryClient();
  const [form, setForm] = useState(EMPTY_KEY_FORM);
  const [tried, setTried] = useState(false);
  const create = useMutation({
    mutationFn: () => createKey(toNewKey(form, Date.now())),
    onSuccess: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const wrong = tried ? wrongFields(form) : [];
  const change = (next: boolean): void => {
    onOpenChange(next);
    if (next) return;
    setForm(EMPTY_KEY_FORM);
    setTried(false);
    create.reset();
  };
  const submit = (): void => {
    setTried(true);
    if (wrongFields(form).length === 0) create.mutate();
  };
  const field = (name: KeyFormField) => ({
    label: t(`keys.field.${name}`),
    value: form[name],
    error: wrong.includes(name) ? t(`keys.wrong.${name}`) : undefined,
    onChange: (event: { target: { value: string } }) => setForm({ ...form, [name]: event.target.value }),
  });
  if (create.data !== undefined) return <SecretDialog open={open} onOpenChange={change} secret={create.data.secret} />;
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={t('keys.create')}
      description={t('keys.createText')}
      footer={
        <>
          <Button onClick={() => change(false)}>{t('common.cancel')}</Button>
          <Button type="submit" form="create-key" look="primary" busy={create.isPending}>
            {t('keys.create')}
          </Button>
        </>
      }
    >
      <form
        id="create-key"
        noValidate
        className="mt-3 grid grid-cols-2 gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField {...field('name')} className="col-span-2" required />
        <TextField {...field('tenant')} className="col-span-2" />
        <TextField {...field('budgetUsd')} inputMode="decimal" hint={t('keys.noLimit')} />
        <Select
          above
          label={t('keys.field.budgetWindow')}
          value={form.budgetWindow}
          choices={BUDGET_WINDOWS.map((value) => ({ value, label: t(`costs.window.${value}`) }))}
          onChange={(budgetWindow) => setForm({ ...form, budgetWindow })}
        />
        <TextField {...field('requestsPerMinute')} inputMode="numeric" hint={t('keys.noLimit')} />
        <TextField {...field('tokensPerMinute')} inputMode="numeric" hint={t('keys.noLimit')} />
        <TextField {...field('concurrentRequests')} inputMode="numeric" hint={t('keys.noLimit')} />
        <TextField {...field('expiresDays')} inputMode="numeric" hint={t('keys.noExpiry')} />
        <TextField {...field('models')} className="col-span-2" placeholder="auto, agent/guide" hint={t('keys.modelsHint')} />
      </form>
      <InlineError error={create.error} />
    </Dialog>
  );
}
