import { useSyncExternalStore } from 'react';
import { readSetting, writeSetting } from '../theme/settings.ts';

export const LANGUAGES = ['en', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];

const listeners = new Set<() => void>();
const preferred: Language = navigator.language.startsWith('ko') ? 'ko' : 'en';

let language: Language = readSetting('language', LANGUAGES, preferred);

/** Puts the language on the document, so that a screen reader and the line breaker know it. */
export function applyLanguage(): void {
  document.documentElement.lang = language;
}

export function setLanguage(next: Language): void {
  language = next;
  writeSetting('language', next);
  applyLanguage();
  for (const listener of listeners) listener();
}

export const useLanguage = (): Language =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => language,
  );
