import { useFormat } from '../format/use-format.ts';

/** A point in time, short; the whole of it on hover and for machines. */
export function Moment({ atMs, ago = false }: { readonly atMs: number | null; readonly ago?: boolean }) {
  const format = useFormat();
  if (atMs === null) return <span className="text-third">–</span>;
  return (
    <time dateTime={new Date(atMs).toISOString()} title={format.instant(atMs)}>
      {ago ? format.ago(atMs) : format.moment(atMs)}
    </time>
  );
}
