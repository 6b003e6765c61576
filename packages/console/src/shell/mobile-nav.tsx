import { Dialog } from 'radix-ui';
import { useT } from '../i18n/index.ts';
import { LanguageMenu } from './language-menu.tsx';
import { SideBar } from './side-bar.tsx';
import { ThemeMenu } from './theme-menu.tsx';

/** The side bar of a phone: comes over the page and goes when a page is chosen. */
export function MobileNav({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const t = useT();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="slide-in fixed inset-y-0 left-0 z-50 flex w-[240px] flex-col border-r border-line bg-bg shadow-float"
        >
          <Dialog.Title className="sr-only">{t('nav.label')}</Dialog.Title>
          <div className="min-h-0 flex-1">
            <SideBar form="drawer" onNavigate={() => onOpenChange(false)} />
          </div>
          <div className="flex border-t border-line px-2.5 py-2">
            <LanguageMenu />
            <ThemeMenu />
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
