/** A key to press. */
export function Kbd({ children }: { readonly children: string }) {
  return (
    <kbd className="inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-tag border border-control-line bg-panel px-1 font-sans text-11 text-second">
      {children}
    </kbd>
  );
}
