import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { NAV_ENTRIES } from './nav.ts';

interface ShortcutActions {
  readonly onSearch: () => void;
  readonly onHelp: () => void;
}

const PREFIX_MS = 1200;

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** `Ctrl K` and `/` search, `?` help, `g` and a letter a page; silent while someone types. */
export function useShortcuts({ onSearch, onHelp }: ShortcutActions): void {
  const navigate = useNavigate();
  const actions = useRef({ onSearch, onHelp });
  actions.current = { onSearch, onHelp };
  useEffect(() => {
    let goUntil = 0;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        actions.current.onSearch();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]') !== null) return;
      const going = event.timeStamp < goUntil;
      goUntil = 0;
      const entry = going ? NAV_ENTRIES.find((candidate) => candidate.key === event.key) : undefined;
      if (entry !== undefined) {
        event.preventDefault();
        void navigate({ to: entry.to });
      } else if (event.key === 'g') goUntil = event.timeStamp + PREFIX_MS;
      else if (event.key === '?') actions.current.onHelp();
      else if (event.key === '/') {
        event.preventDefault();
        actions.current.onSearch();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
}
