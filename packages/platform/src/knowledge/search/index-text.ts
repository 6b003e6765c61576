/** What is indexed of a passage: also the title and the headings above it, without which many passages do not say what they are about. */
export function indexText(passage: { title: string; headings: readonly string[]; text: string }): string {
  const above = [passage.title, ...passage.headings].filter((line) => !passage.text.startsWith(line));
  return [...new Set(above), passage.text].join('\n');
}
