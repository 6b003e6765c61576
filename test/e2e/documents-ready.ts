const READY_MS = 90_000;

/** Resolves when every knowledge base has read its documents; `list` answers `GET /api/v1/knowledge`. */
export async function waitForDocuments(list: () => Promise<unknown>): Promise<void> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until) {
    const { items } = (await list()) as { items: { documents: number; ingestion: unknown }[] };
    if (items.length > 0 && items.every((base) => base.documents > 0 && base.ingestion === null)) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`the knowledge base was not ready after ${READY_MS} ms`);
}
