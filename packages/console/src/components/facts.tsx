import type { ReactNode } from 'react';

export interface Fact {
  readonly label: string;
  readonly value: ReactNode;
}

/** Names and values in two columns, for a side panel. */
export function FactList({ facts, className }: { readonly facts: readonly Fact[]; readonly className?: string }) {
  return (
    <dl className={`grid grid-cols-[minmax(88px,auto)_1fr] gap-x-4 gap-y-1 text-12 ${className ?? ''}`}>
      {facts.map((fact) => (
        <div key={fact.label} className="contents">
          <dt className="text-third">{fact.label}</dt>
          <dd className="min-w-0 break-words">{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Names over values in a row, for the head of a page. */
export function FactStrip({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="flex flex-wrap gap-x-5 wide:gap-x-7 gap-y-2">
      {facts.map((fact) => (
        <div key={fact.label}>
          <dt className="text-11 text-third">{fact.label}</dt>
          <dd className="text-13 font-medium whitespace-nowrap">{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}
