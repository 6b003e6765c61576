import { useMemo } from 'react';
import { useLanguage } from './language.ts';
import { createTranslate, type Translate } from './translate.ts';

export type { MessageKey } from './en.ts';
export { applyLanguage, LANGUAGES, setLanguage, useLanguage } from './language.ts';
export type { Translate } from './translate.ts';

/** The translator of the chosen language. */
export function useT(): Translate {
  const language = useLanguage();
  return useMemo(() => createTranslate(language), [language]);
}
