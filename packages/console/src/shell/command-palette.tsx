import { useRouter } from '@tanstack/react-router';
import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useState } from 'react';
import { Icon } from '../components/icon.tsx';
import { useT } from '../i18n/index.ts';
import type { PaletteItem } from './palette-items.ts';
import { usePaletteItems } from './use-palette-items.ts';

/** Jumps to a page, a thing or a trace; the arrows move, Enter opens. */
export function CommandPalette({ open, onOpenChange }: { readonly open: boolean; readonly onOpenChange: (open: boolean) => void }) {
  const t = useT();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="float-in fixed top-[14vh] left-1/2 z-50 w-[calc(100vw-32px)] max-w-[560px] -translate-x-1/2 overflow-hidden rounded-card border border-line bg-raised shadow-float"
        >
          <Dialog.Title className="sr-only">{t('search.open')}</Dialog.Title>
          <PaletteBody onClose={() => onOpenChange(false)} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteBody({ onClose }: { readonly onClose: () => void }) {
  const t = useT();
  const router = useRouter();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const items = usePaletteItems(query, true);
  const index = Math.min(chosen, Math.max(0, items.length - 1));

  const open = (item: PaletteItem | undefined): void => {
    if (item === undefined) return;
    onClose();
    router.history.push(item.href);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setChosen((index + step + items.length) % Math.max(1, items.length));
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) open(items[index]);
  };

  return (
    <>
      <div className="flex h-12 items-center gap-3 border-b border-line px-4 text-third">
        <Icon name="search" />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={items[index] === undefined ? undefined : `palette-${index}`}
          aria-label={t('search.open')}
          placeholder={t('search.placeholder')}
          className="h-full w-full bg-transparent text-14 text-ink outline-none"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id="palette-list" role="listbox" aria-label={t('search.results')} className="max-h-[392px] overflow-y-auto p-1">
        {items.map((item, position) => (
          <div
            key={item.id}
            id={`palette-${position}`}
            role="option"
            tabIndex={-1}
            aria-selected={position === index}
            className={`flex h-8 cursor-pointer items-center gap-3 rounded-tag px-3 ${position === index ? 'bg-chosen' : ''}`}
            onMouseMove={() => setChosen(position)}
            onMouseDown={(event) => {
              event.preventDefault();
              open(item);
            }}
          >
            <span className="text-third">
              <Icon name={item.icon} />
            </span>
            <span className="truncate">{item.label}</span>
            <span className="ml-auto pl-3 text-11 whitespace-nowrap text-third">{item.hint}</span>
          </div>
        ))}
      </div>
    </>
  );
}
