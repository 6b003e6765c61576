import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { useT } from '../../i18n/index.ts';

/** The secret of a key, this once. */
export function SecretDialog({
  open,
  onOpenChange,
  secret,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly secret: string;
}) {
  const t = useT();
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('keys.createdTitle')}
      description={t('keys.createdText')}
      footer={
        <Button look="primary" onClick={() => onOpenChange(false)}>
          {t('keys.done')}
        </Button>
      }
    >
      <div className="mt-3 flex items-center gap-2 rounded-control bg-faint py-1 pr-1 pl-3">
        <code className="min-w-0 font-mono text-12 break-all">{secret}</code>
        <span className="ml-auto">
          <CopyButton text={secret} />
        </span>
      </div>
    </Dialog>
  );
}
