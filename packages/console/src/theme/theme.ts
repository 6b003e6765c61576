import { useSyncExternalStore } from 'react';
import { readSetting, writeSetting } from './settings.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const listeners = new Set<() => void>();
const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

let chosen: Theme = readSetting('theme', THEMES, 'system');

const resolved = (): 'light' | 'dark' => (chosen === 'system' ? (systemDark.matches ? 'dark' : 'light') : chosen);

/** Puts the theme on the document; called once before the first paint and again on every change. */
export function applyTheme(): void {
  document.documentElement.dataset['theme'] = resolved();
  for (const listener of listeners) listener();
}

export function setTheme(theme: Theme): void {
  chosen = theme;
  writeSetting('theme', theme);
  applyTheme();
}

systemDark.addEventListener('change', applyTheme);

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The theme that a person chose. */
export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => chosen);

/** What is on the screen now; charts redraw when it changes. */
export const useResolvedTheme = (): 'light' | 'dark' => useSyncExternalStore(subscribe, resolved);
