import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';

interface Head {
  readonly title: string;
  readonly detail?: string | undefined;
  /** Whether the page shows a time range. */
  readonly range?: boolean;
}

const EMPTY: Head = { title: 'Maru' };
const HeadContext = createContext<{ readonly head: Head; readonly setHead: (head: Head) => void }>({ head: EMPTY, setHead: () => undefined });

/** Holds the title that the page on screen has set. */
export function PageHeadProvider({ children }: { readonly children: ReactNode }) {
  const [head, setHead] = useState(EMPTY);
  const value = useMemo(() => ({ head, setHead }), [head]);
  return <HeadContext.Provider value={value}>{children}</HeadContext.Provider>;
}

export const usePageHead = (): Head => useContext(HeadContext).head;

/** Names the page in the top bar and in the tab of the browser. */
export function PageHead({ title, detail, range = false }: Head) {
  const { setHead } = useContext(HeadContext);
  useEffect(() => {
    setHead({ title, detail, range });
    document.title = `${detail === undefined ? title : `${detail} · ${title}`} · Maru`;
  }, [setHead, title, detail, range]);
  return null;
}
