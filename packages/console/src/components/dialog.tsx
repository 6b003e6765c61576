import { Dialog as RadixDialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { useT } from '../i18n/index.ts';
import { IconButton } from './button.tsx';

interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly footer?: ReactNode;
  readonly wide?: boolean;
  readonly children?: ReactNode;
}

/** A question that has to be answered before going on. */
export function Dialog({ open, onOpenChange, title, description, footer, wide = false, children }: DialogProps) {
  const t = useT();
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <RadixDialog.Content
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          className={`float-in fixed top-[12vh] left-1/2 z-50 flex max-h-[80vh] w-[calc(100vw-32px)] -translate-x-1/2 flex-col overflow-hidden rounded-card border border-line bg-raised shadow-float ${wide ? 'max-w-[720px]' : 'max-w-[440px]'}`}
        >
          <header className="flex items-center gap-3 px-5 pt-4">
            <RadixDialog.Title className="text-14 font-bold">{title}</RadixDialog.Title>
            <RadixDialog.Close asChild>
              <IconButton icon="close" label={t('common.close')} className="-mr-2 ml-auto" />
            </RadixDialog.Close>
          </header>
          <div className="overflow-y-auto px-5 pt-1 pb-5">
            {description === undefined ? null : <RadixDialog.Description className="text-second">{description}</RadixDialog.Description>}
            {children}
          </div>
          {footer === undefined ? null : <footer className="flex justify-end gap-2 border-t border-line px-5 py-3">{footer}</footer>}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
