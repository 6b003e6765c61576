/** What the built-in reader is and is not, for the page of the model and for `maru describe`. */
export const READER_MODEL_CARD = `# reader, the built-in engine of Maru

**What it is.** A small program that reads. It answers a question by quoting the sentences of the given passages that share the most words with
the question, and names each passage. It calls an offered tool by plain rules: an address is fetched, arithmetic is calculated, any other
question is searched for. It runs inside Maru, needs no GPU, no key and no network, and gives the same answer to the same conversation.

**What it is not.** It is not a language model. It has no knowledge of its own, does not reason, translate, write or summarise in its own words,
and does not understand what words mean: a synonym that the passages do not use is not found. As a judge it compares words and figures only.

**Languages.** English and Korean; other languages where they share words with the passages.

**Use it** to try Maru, in tests, for quoting from documents, and as a fallback that never invents. **Do not use it** where an answer needs thought.

**Tokens** are counted by a plain rule (one per CJK character or sign, one per six letters), not by a vocabulary. Nothing is cached.
`;
