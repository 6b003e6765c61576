import type { Db } from '#store';
import { indexText } from './index-text.ts';
import { KeywordIndex } from './keyword-index.ts';
import { fromVectorBytes } from './vector-bytes.ts';
import { VectorIndex } from './vector-index.ts';

/** Above this share of removed passages the index is built again, which frees them. */
const MAX_DEAD_SHARE = 0.3;
/** Passages read from the database at once. */
const PAGE_ROWS = 200;

interface IndexedDocument {
  readonly revision: number;
  readonly slots: readonly number[];
}

/** The search index of one base in memory: built from the database at the first search, then kept up by the revisions of documents. */
export class BaseIndex {
  readonly #db: Db;
  readonly #base: string;
  #keywords = new KeywordIndex();
  #vectors: VectorIndex | undefined;
  #passageIds: string[] = [];
  #documents = new Map<string, IndexedDocument>();
  #generation = -1;
  #embedding = '';
  #refreshing: Promise<void> = Promise.resolve();

  constructor(db: Db, base: string) {
    this.#db = db;
    this.#base = base;
  }

  get keywords(): KeywordIndex {
    return this.#keywords;
  }

  get vectors(): VectorIndex | undefined {
    return this.#vectors;
  }

  passageId(slot: number): string | undefined {
    return this.#passageIds[slot];
  }

  /** Brings the index to the generation of the base; refreshes of one base run one after the other. */
  refresh(generation: number, embedding: string): Promise<void> {
    const next = this.#refreshing.then(() => this.#refresh(generation, embedding));
    this.#refreshing = next.catch(() => undefined);
    return next;
  }

  async #refresh(generation: number, embedding: string): Promise<void> {
    if (generation === this.#generation && embedding === this.#embedding) return;
    if (embedding !== this.#embedding || this.#deadShare() > MAX_DEAD_SHARE) this.#clear();
    this.#embedding = embedding;
    const rows = await this.#db.selectFrom('knowledge_document').select(['id', 'revision', 'title', 'embedding']).where('base', '=', this.#base).execute();
    const wanted = new Map(rows.map((row) => [row.id, row]));
    for (const [id, document] of this.#documents) if (wanted.get(id)?.revision !== document.revision) this.#drop(id, document);
    for (const row of rows.sort((left, right) => left.revision - right.revision)) if (!this.#documents.has(row.id)) await this.#addDocument(row);
    this.#generation = generation;
  }

  async #addDocument(document: { id: string; revision: number; title: string; embedding: string }): Promise<void> {
    const slots: number[] = [];
    for (let from = 0; ; from += PAGE_ROWS) {
      const rows = await this.#db
        .selectFrom('knowledge_passage')
        .select(['id', 'headings', 'text', 'vector'])
        .where('document_id', '=', document.id)
        .where('ordinal', '>=', from)
        .where('ordinal', '<', from + PAGE_ROWS)
        .orderBy('ordinal')
        .execute();
      for (const row of rows) {
        const slot = this.#keywords.add(indexText({ title: document.title, headings: JSON.parse(row.headings) as string[], text: row.text }));
        // Vectors of another model can not be compared; their passages are found by keywords until they are embedded again.
        const vector = document.embedding === this.#embedding ? fromVectorBytes(row.vector) : new Float32Array(0);
        if (this.#vectors === undefined && vector.length > 0) this.#vectors = vectorsAfter(slot, vector.length);
        this.#vectors?.add(vector);
        this.#passageIds[slot] = row.id;
        slots.push(slot);
      }
      if (rows.length < PAGE_ROWS) break;
    }
    this.#documents.set(document.id, { revision: document.revision, slots });
  }

  #drop(id: string, document: IndexedDocument): void {
    for (const slot of document.slots) {
      this.#keywords.remove(slot);
      this.#vectors?.remove(slot);
    }
    this.#documents.delete(id);
  }

  #deadShare(): number {
    return this.#passageIds.length === 0 ? 0 : 1 - this.#keywords.size / this.#passageIds.length;
  }

  #clear(): void {
    this.#keywords = new KeywordIndex();
    this.#vectors = undefined;
    this.#passageIds = [];
    this.#documents = new Map();
  }
}

/** A vector index whose first slots are taken by passages that have no vector of this model. */
function vectorsAfter(slots: number, dimension: number): VectorIndex {
  const vectors = new VectorIndex(dimension);
  for (let slot = 0; slot < slots; slot += 1) vectors.add(new Float32Array(0));
  return vectors;
}
