/**
 * Retrieval quality of the embedded settings: `node bench/retrieval/run.ts`. Prints keyword (BM25), vector (hashed n-grams, no learnt model)
 * and hybrid search over Cranfield and a Korean set, and ends with 1 when hybrid search is not above the BM25 baseline of 0.384.
 */
import { join } from 'node:path';
import { readCranfield } from './read-cranfield.ts';
import { readKorean } from './read-korean.ts';
import { runTestSet, type TestSetFigures } from './run-test-set.ts';

const BASELINE = 0.384;
const data = join(import.meta.dirname, '..', 'data');

const cranfield = await runTestSet(readCranfield(join(data, 'cranfield')));
print('Cranfield: 225 questions (BM25 baseline of other systems: nDCG@10 0.384)', cranfield);
print('Korean: 30 questions written for this project', await runTestSet(readKorean(join(data, 'korean'))));
const hybrid = cranfield.modes.find((figures) => figures.mode === 'hybrid')?.ndcg10 ?? 0;
console.log(`hybrid on Cranfield ${hybrid.toFixed(4)}, ${hybrid > BASELINE ? 'above' : 'not above'} the baseline ${BASELINE}`);
process.exitCode = hybrid > BASELINE ? 0 : 1;

function print(name: string, figures: TestSetFigures): void {
  console.log(`${name}; ${figures.documents} documents, ${figures.passages} passages, ingested in ${(figures.ingestMs / 1000).toFixed(1)} s`);
  console.log('mode      nDCG@10   odd      even     MRR@10   recall@10  ms per query');
  for (const mode of figures.modes)
    console.log(
      [
        mode.mode.padEnd(9),
        mode.ndcg10.toFixed(4).padEnd(9),
        mode.ndcg10Odd.toFixed(4).padEnd(8),
        mode.ndcg10Even.toFixed(4).padEnd(8),
        mode.mrr10.toFixed(4).padEnd(8),
        mode.recall10.toFixed(4).padEnd(10),
        mode.msPerQuery.toFixed(1),
      ].join(' '),
    );
  console.log('');
}
