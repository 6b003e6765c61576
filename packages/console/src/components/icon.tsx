import { ICON_PATHS, type IconName } from './icon-paths.ts';

/** A 16-pixel line icon; it is decoration, the word beside it or the button's label says what it is. */
export function Icon({ name, size = 16, className }: { readonly name: IconName; readonly size?: number; readonly className?: string }) {
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      className={`shrink-0 ${className ?? ''}`}
    >
      <path d={ICON_PATHS[name]} />
    </svg>
  );
}
