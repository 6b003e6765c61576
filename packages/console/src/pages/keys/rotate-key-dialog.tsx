import type { KeyInfo } from '@maru/api/wire';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { rotateKey } from '../../api/actions.ts';
import { keysQuery } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Select } from '../../components/field.tsx';
import { InlineError } from '../../components/inline-error.tsx';
import { useT } from '../../i18n/index.ts';
import { SecretDialog } from './secret-dialog.tsx';

const GRACES = { none: 0, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;
type Grace = keyof typeof GRACES;
const GRACE_NAMES = Object.keys(GRACES) as Grace[];

interface RotateKeyDialogProps {
  readonly info: KeyInfo;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Gives a key a new secret; the old one works until its grace is over, so that clients can change without a gap. */
export function RotateKeyDialog({ info, open, onOpenChange }: RotateKeyDialogProps) {
  const t = useT();
  const client = useQueryClient();
  const [grace, setGrace] = useState<Grace>('day');
  const rotate = useMutation({
    mutationFn: () => rotateKey(info.id, GRACES[grace]),
    onSuccess: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const change = (next: boolean): void => {
    onOpenChange(next);
    if (!next) rotate.reset();
  };
  if (rotate.data !== undefined) return <SecretDialog open={open} onOpenChange={change} secret={rotate.data.secret} />;
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={t('keys.rotateTitle', { name: info.name })}
      description={t('keys.rotateText')}
      footer={
        <>
          <Button onClick={() => change(false)}>{t('common.cancel')}</Button>
          <Button look="primary" busy={rotate.isPending} onClick={() => rotate.mutate()}>
            {t('keys.rotate')}
          </Button>
        </>
      }
    >
      <Select
        above
        className="mt-3"
        label={t('keys.grace')}
        value={grace}
        choices={GRACE_NAMES.map((value) => ({ value, label: t(`keys.grace.${value}`) }))}
        onChange={setGrace}
      />
      <InlineError error={rotate.error} />
    </Dialog>
  );
}
