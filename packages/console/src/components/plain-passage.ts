/** A passage without the marks of Markdown, and without its heading, which stands in the citation already. */
export function plainPassage(text: string, heading: string | null): string {
  const lines = text.split('\n');
  const first = lines[0]?.replace(/^#+\s*/, '').trim();
  const body = heading !== null && first === heading ? lines.slice(1) : lines;
  return body
    .map((line) => line.replace(/^#{1,6}\s+/, '').replaceAll('**', ''))
    .join('\n')
    .trim();
}
