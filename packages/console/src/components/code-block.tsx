/** Text as it is, in the fixed-width face; long texts scroll, also with the keyboard. */
export function CodeBlock({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <textarea
      readOnly
      aria-label={label}
      value={text}
      rows={Math.min(
        18,
        Math.max(
          2,
          text.split('\n').reduce((lines, line) => lines + 1 + Math.floor(line.length / 60), 0),
        ),
      )}
      className="block w-full resize-y rounded-control bg-faint p-3 font-mono text-11 leading-4"
    />
  );
}

/** Any value as a person would read it: text as text, the rest as indented JSON. */
export const readable = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? ''));
