import { Link } from '@tanstack/react-router';
import { EmptyState } from '../../components/states.tsx';
import { useT } from '../../i18n/index.ts';
import { PageHead } from '../../shell/page-head.tsx';

/** An address that leads nowhere. */
export function NotFoundPage() {
  const t = useT();
  return (
    <>
      <PageHead title={t('notFound.title')} />
      <EmptyState
        icon="search"
        title={t('notFound.title')}
        action={
          <Link to="/" className="control">
            {t('notFound.action')}
          </Link>
        }
      >
        {t('notFound.hint')}
      </EmptyState>
    </>
  );
}
