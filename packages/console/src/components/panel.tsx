import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

interface PanelProps {
  readonly title?: ReactNode;
  /** A count or a limit beside the title, quieter than it. */
  readonly hint?: ReactNode;
  readonly actions?: ReactNode;
  readonly className?: string;
  readonly label?: string;
  readonly children: ReactNode;
}

/** A group: one hairline around, one under its title, nothing nested. */
export function Panel({ title, hint, actions, className, label, children }: PanelProps) {
  return (
    <section aria-label={label} className={classNames('relative min-w-0 shrink-0 overflow-hidden rounded-card border border-line bg-panel', className)}>
      {title === undefined ? null : (
        <header className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
          <h2 className="text-13 font-bold">{title}</h2>
          {hint === undefined ? null : <span className="text-12 text-third">{hint}</span>}
          <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>
        </header>
      )}
      {children}
    </section>
  );
}
