import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useT } from '../i18n/index.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { InlineError } from './inline-error.tsx';

interface ConfirmDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly description: ReactNode;
  readonly verb: string;
  readonly onConfirm: () => Promise<unknown>;
}

/** Asks before something is lost; stays open and says why when it does not work. */
export function ConfirmDialog({ open, onOpenChange, title, description, verb, onConfirm }: ConfirmDialogProps) {
  const t = useT();
  const action = useMutation({ mutationFn: onConfirm, onSuccess: () => onOpenChange(false) });
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      description={description}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{t('common.keep')}</Button>
          <Button look="danger-primary" busy={action.isPending} onClick={() => action.mutate()}>
            {verb}
          </Button>
        </>
      }
    >
      <InlineError error={action.error} />
    </Dialog>
  );
}
