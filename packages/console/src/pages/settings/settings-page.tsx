import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { LANGUAGES, setLanguage, useLanguage, useT } from '../../i18n/index.ts';
import { LANGUAGE_NAMES } from '../../shell/language-menu.tsx';
import { PageHead } from '../../shell/page-head.tsx';
import { setTheme, THEMES, useTheme } from '../../theme/theme.ts';
import { AboutPanel } from './about-panel.tsx';

/** How the console looks, and what this platform is. */
export function SettingsPage() {
  const t = useT();
  return (
    <Page>
      <PageHead title={t('nav.settings')} />
      <div className="grid grid-cols-1 items-start gap-4 wide:grid-cols-2">
        <AppearancePanel />
        <AboutPanel />
      </div>
    </Page>
  );
}

function AppearancePanel() {
  const t = useT();
  const language = useLanguage();
  const theme = useTheme();
  return (
    <Panel title={t('settings.appearance')}>
      <div className="flex min-h-11 items-center gap-4 px-4">
        <span className="text-second">{t('settings.language')}</span>
        <span className="ml-auto">
          <Segmented
            label={t('settings.language')}
            value={language}
            choices={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
            onChange={setLanguage}
          />
        </span>
      </div>
      <div className="flex min-h-11 items-center gap-4 border-t border-faint px-4">
        <span className="text-second">{t('settings.theme')}</span>
        <span className="ml-auto">
          <Segmented label={t('settings.theme')} value={theme} choices={THEMES.map((value) => ({ value, label: t(`theme.${value}`) }))} onChange={setTheme} />
        </span>
      </div>
    </Panel>
  );
}
