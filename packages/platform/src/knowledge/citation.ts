/** A stable name of a place in a document, for people and answers: `guide.md § Installing`, `paper.pdf p. 3`. */
export function citationOf(place: { document: string; headings: readonly string[]; page: number | null }): string {
  if (place.page !== null) return `${place.document} p. ${place.page}`;
  const heading = place.headings.at(-1);
  return heading === undefined ? place.document : `${place.document} § ${heading}`;
}
