import { LANGUAGES, setLanguage, useLanguage, useT } from '../i18n/index.ts';
import { ChoiceMenu } from './menu.tsx';

/** Each language is named in itself. */
export const LANGUAGE_NAMES = { en: 'English', ko: '한국어' } as const;

export function LanguageMenu() {
  const t = useT();
  const language = useLanguage();
  return (
    <ChoiceMenu
      label={t('settings.language')}
      icon="language"
      value={language}
      choices={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
      onChange={setLanguage}
    />
  );
}
