import { Dialog } from '../components/dialog.tsx';
import { Kbd } from '../components/kbd.tsx';
import { useT } from '../i18n/index.ts';
import { NAV_ENTRIES } from './nav.ts';

/** Every key that does something. */
export function ShortcutsDialog({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const t = useT();
  const rows = [
    { keys: ['Ctrl', 'K'], label: t('search.open') },
    { keys: ['/'], label: t('search.open') },
    { keys: ['?'], label: t('shortcuts.title') },
    { keys: ['Enter'], label: t('shortcuts.send') },
    { keys: ['Shift', 'Enter'], label: t('shortcuts.newLine') },
    ...NAV_ENTRIES.map((entry) => ({ keys: ['g', entry.key], label: t('shortcuts.goTo', { page: t(entry.label) }) })),
  ];
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('shortcuts.title')}>
      <ul className="mt-2">
        {rows.map((row) => (
          <li key={row.keys.join()} className="flex h-8 items-center border-t border-faint first:border-t-0">
            {row.label}
            <span className="ml-auto flex gap-1">
              {row.keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
