import type { ReactNode } from 'react';

/** The column of a page: even space around and between its groups. */
export function Page({ children }: { readonly children: ReactNode }) {
  return <div className="mx-auto flex w-full max-w-[1680px] flex-col gap-4 p-4 wide:px-5 wide:py-5">{children}</div>;
}
