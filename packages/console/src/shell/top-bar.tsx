import { useState } from 'react';
import { setLive, useLive } from '../api/live.ts';
import { DEFAULT_RANGE, RANGES } from '../api/range.ts';
import { Button, IconButton } from '../components/button.tsx';
import { Select } from '../components/field.tsx';
import { Icon } from '../components/icon.tsx';
import { Kbd } from '../components/kbd.tsx';
import { useT } from '../i18n/index.ts';
import { LanguageMenu } from './language-menu.tsx';
import { MobileNav } from './mobile-nav.tsx';
import { usePageHead } from './page-head.tsx';
import { ThemeMenu } from './theme-menu.tsx';
import { useRange, useSetRange } from './use-range.ts';

/** Where one is, and what holds on every page: search, live, time range, language, theme. */
export function TopBar({ onSearch }: { readonly onSearch: () => void }) {
  const t = useT();
  const head = usePageHead();
  const [menuOpen, setMenuOpen] = useState(false);
  return (
    <header className="sticky top-0 z-20 flex h-12 items-center gap-2 border-b border-line bg-bg px-4 wide:px-5">
      <IconButton icon="menu" label={t('nav.open')} className="-ml-2 column:hidden" onClick={() => setMenuOpen(true)} />
      <MobileNav open={menuOpen} onOpenChange={setMenuOpen} />
      <div className="flex min-w-0 items-baseline gap-2">
        <h1 className="truncate text-14 font-bold">{head.title}</h1>
        {head.detail === undefined ? null : <span className="truncate text-13 text-third max-column:hidden">{head.detail}</span>}
      </div>
      <div className="ml-auto flex items-center gap-2">
        <button type="button" className="control w-[190px] text-third max-wide:w-auto" onClick={onSearch} aria-keyshortcuts="Control+K">
          <Icon name="search" size={14} />
          <span className="max-wide:sr-only">{t('search.open')}</span>
          <span aria-hidden="true" className="ml-auto max-wide:hidden">
            <Kbd>Ctrl K</Kbd>
          </span>
        </button>
        <LiveButton />
        {head.range ? <RangeSelect /> : null}
        <span className="flex max-column:hidden">
          <LanguageMenu />
          <ThemeMenu />
        </span>
      </div>
    </header>
  );
}

function LiveButton() {
  const t = useT();
  const live = useLive();
  return (
    <Button aria-pressed={live} title={live ? t('live.pause') : t('live.resume')} onClick={() => setLive(!live)}>
      {live ? <span aria-hidden="true" className="size-1.5 rounded-full bg-accent" /> : <Icon name="pause" size={12} />}
      <span className="max-column:sr-only">{live ? t('live.on') : t('live.off')}</span>
    </Button>
  );
}

function RangeSelect() {
  const t = useT();
  const range = useRange();
  const setRange = useSetRange();
  return (
    <Select
      label={t('range.label')}
      value={range ?? DEFAULT_RANGE}
      choices={RANGES.map((value) => ({ value, label: t(`range.${value}`) }))}
      onChange={setRange}
    />
  );
}
