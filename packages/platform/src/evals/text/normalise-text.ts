/** Text for comparison: composed, white space as single spaces, without case where asked. */
export function normaliseText(text: string, options: { readonly ignoreCase: boolean }): string {
  const plain = text.normalize('NFC').replace(/\s+/g, ' ').trim();
  return options.ignoreCase ? plain.toLowerCase() : plain;
}
