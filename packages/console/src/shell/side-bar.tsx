import { Link } from '@tanstack/react-router';
import { Icon } from '../components/icon.tsx';
import { useFormat } from '../format/use-format.ts';
import { useT } from '../i18n/index.ts';
import { Mark } from './mark.tsx';
import { NAV_GROUPS, type NavEntry, SETTINGS_ENTRY } from './nav.ts';
import { useNavCounts } from './use-nav-counts.ts';

/** Narrow shows icons only; the words stay for a screen reader and as a tooltip. */
export type SideBarForm = 'rail' | 'drawer';

/** Pages by what one wants to do. */
export function SideBar({ form, onNavigate }: { readonly form: SideBarForm; readonly onNavigate?: () => void }) {
  const t = useT();
  const wide = form === 'drawer';
  return (
    <nav aria-label={t('nav.label')} className="flex h-full flex-col gap-4 overflow-y-auto px-2.5 py-3">
      <Link to="/" className="flex h-7 items-center gap-2 px-2 text-14 font-bold" aria-label="Maru" {...(onNavigate ? { onClick: onNavigate } : {})}>
        <Mark />
        <span className={wide ? '' : 'max-wide:hidden'}>Maru</span>
      </Link>
      {NAV_GROUPS.map((group) => (
        <div key={group.label ?? 'top'} className="flex flex-col gap-px">
          {group.label === null ? null : (
            <p
              className={`px-2 pb-1 text-11 text-third ${wide ? '' : 'max-wide:mx-2 max-wide:mb-2 max-wide:h-px max-wide:overflow-hidden max-wide:bg-line max-wide:p-0'}`}
            >
              {t(group.label)}
            </p>
          )}
          {group.entries.map((entry) => (
            <SideBarLink key={entry.to} entry={entry} wide={wide} onNavigate={onNavigate} />
          ))}
        </div>
      ))}
      <div className="mt-auto">
        <SideBarLink entry={SETTINGS_ENTRY} wide={wide} onNavigate={onNavigate} />
      </div>
    </nav>
  );
}

interface SideBarLinkProps {
  readonly entry: NavEntry;
  readonly wide: boolean;
  readonly onNavigate: (() => void) | undefined;
}

function SideBarLink({ entry, wide, onNavigate }: SideBarLinkProps) {
  const t = useT();
  const format = useFormat();
  const count = useNavCounts()[entry.to];
  const label = t(entry.label);
  return (
    <Link
      to={entry.to}
      title={label}
      activeOptions={{ exact: entry.to === '/', includeSearch: false }}
      className="flex h-7 items-center gap-2.5 rounded-control px-2 text-second transition-colors duration-(--motion) hover:bg-hover hover:text-ink data-[status=active]:bg-chosen data-[status=active]:font-medium data-[status=active]:text-ink"
      {...(onNavigate ? { onClick: onNavigate } : {})}
    >
      <Icon name={entry.icon} />
      <span className={wide ? '' : 'max-wide:sr-only'}>{label}</span>
      {count === undefined ? null : (
        <span aria-hidden="true" className={`ml-auto text-11 font-normal text-third ${wide ? '' : 'max-wide:hidden'}`}>
          {format.compact(count)}
        </span>
      )}
    </Link>
  );
}
