import { useT } from '../i18n/index.ts';
import { setTheme, THEMES, useResolvedTheme, useTheme } from '../theme/theme.ts';
import { ChoiceMenu } from './menu.tsx';

export function ThemeMenu() {
  const t = useT();
  const theme = useTheme();
  const resolved = useResolvedTheme();
  return (
    <ChoiceMenu
      label={t('settings.theme')}
      icon={theme === 'system' ? 'system' : resolved === 'dark' ? 'moon' : 'sun'}
      value={theme}
      choices={THEMES.map((value) => ({ value, label: t(`theme.${value}`) }))}
      onChange={setTheme}
    />
  );
}
