import { ERROR_CATALOGUE, isPlatformError } from '@maru/api/errors';
import { useT } from '../i18n/index.ts';
import { Icon } from './icon.tsx';

/** One line under a form or a button: what went wrong and what to do. */
export function InlineError({ error, className }: { readonly error: unknown; readonly className?: string }) {
  const t = useT();
  if (error === null || error === undefined) return null;
  const known = isPlatformError(error);
  return (
    <p role="alert" className={`mt-2 flex gap-2 rounded-control bg-red-ground px-3 py-2 text-12 text-red ${className ?? ''}`}>
      <Icon name="error" size={14} className="mt-px" />
      <span className="min-w-0 break-words">
        {known ? error.message : t('error.unexpected')} {known ? ERROR_CATALOGUE[error.code].action : t('error.reload')}
      </span>
    </p>
  );
}
