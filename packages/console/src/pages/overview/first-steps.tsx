import { Link } from '@tanstack/react-router';
import { Panel } from '../../components/panel.tsx';
import { useT } from '../../i18n/index.ts';

/** Before the first request there is nothing to measure; here is how to make one. */
export function FirstSteps() {
  const t = useT();
  return (
    <Panel title={t('overview.firstTitle')}>
      <div className="flex flex-wrap items-center gap-3 px-4 py-3">
        <p className="text-second">{t('overview.firstHint')}</p>
        <Link to="/playground" className="control control-primary ml-auto">
          {t('overview.firstAction')}
        </Link>
      </div>
    </Panel>
  );
}
