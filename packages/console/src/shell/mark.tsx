/** Floor boards (maru): three lines, one of them with a gap that is being filled. */
export function Mark({ size = 18 }: { readonly size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 18 18" fill="none" strokeWidth={2.5} strokeLinecap="round" className="shrink-0">
      <path d="M2.5 4h13" className="stroke-accent" />
      <path d="M2.5 9h6" className="stroke-accent" />
      <path d="M12.5 9h3" className="stroke-ink" />
      <path d="M2.5 14h13" className="stroke-accent" opacity={0.5} />
    </svg>
  );
}
