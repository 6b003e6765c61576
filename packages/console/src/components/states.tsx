import { ERROR_CATALOGUE, isPlatformError } from '@maru/api/errors';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useT } from '../i18n/index.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-paths.ts';

interface EmptyStateProps {
  readonly icon: IconName;
  readonly title: string;
  /** What to do so that something stands here. */
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

/** Nothing here yet, and what to do about it. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center gap-1 px-5 py-12 text-center">
      <span className="mb-2 text-third">
        <Icon name={icon} size={20} />
      </span>
      <p className="text-13 font-medium">{title}</p>
      {children === undefined ? null : <div className="max-w-[52ch] text-12 text-second">{children}</div>}
      {action === undefined ? null : <div className="mt-3">{action}</div>}
    </div>
  );
}

/** What went wrong in the server's words, what to do by the error catalogue, and a way to try again. */
export function ErrorState({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const t = useT();
  const known = isPlatformError(error);
  return (
    <div role="alert" className="flex flex-col items-center gap-1 px-5 py-10 text-center">
      <span className="mb-2 text-red">
        <Icon name="error" size={20} />
      </span>
      <p className="max-w-[64ch] text-13 font-medium break-words">{known ? error.message : t('error.unexpected')}</p>
      <p className="max-w-[64ch] text-12 text-second">{known ? ERROR_CATALOGUE[error.code].action : t('error.reload')}</p>
      {known ? <code className="font-mono text-11 text-third">{error.code}</code> : null}
      {onRetry === undefined ? null : (
        <Button className="mt-3" icon="refresh" onClick={onRetry}>
          {t('common.retry')}
        </Button>
      )}
    </div>
  );
}

/** Bars where rows will stand. */
export function SkeletonRows({ rows = 6 }: { readonly rows?: number }) {
  const t = useT();
  return (
    <div role="status" aria-label={t('common.loading')} className="flex flex-col px-4">
      {Array.from({ length: rows }, (_, index) => (
        // Rows have no identity of their own.
        <div key={`row-${index + 1}`} className="flex h-8 items-center gap-5 border-t border-faint first:border-t-0">
          <span className="skeleton h-2.5" style={{ width: `${22 + ((index * 37) % 19)}%` }} />
          <span className="skeleton h-2.5 w-16" />
          <span className="skeleton ml-auto h-2.5 w-12" />
        </div>
      ))}
    </div>
  );
}

interface QueryViewProps<Data> {
  readonly query: UseQueryResult<Data, Error>;
  readonly skeleton?: ReactNode;
  readonly children: (data: Data) => ReactNode;
}

/** Loading, failed or there. Data that is there stays when a later poll fails. */
export function QueryView<Data>({ query, skeleton, children }: QueryViewProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return skeleton ?? <SkeletonRows />;
}
