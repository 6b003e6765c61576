import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes the stack of the crash rounds: quick engines, an agent with a counted tool, documents, a pipeline. */
export function writeStack(folder: string): string {
  mkdirSync(join(folder, 'documents'), { recursive: true });
  for (let index = 0; index < 12; index += 1) writeDocument(folder, index, 0);
  const file = join(folder, 'stack.yaml');
  writeFileSync(file, STACK);
  return file;
}

/** A document whose text is new in every round, so that each ingestion has work to do. */
export function writeDocument(folder: string, index: number, round: number): void {
  const parts = Array.from(
    { length: 6 },
    (_, part) => `## Part ${part} of topic ${index}\n\nIn round ${round} the answer of topic ${index} part ${part} is ${index * 100 + part}.\n`,
  );
  writeFileSync(join(folder, 'documents', `topic-${index}.md`), `# Topic ${index}\n\n${parts.join('\n')}`);
}

const STACK = `apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: reader}
spec:
  serving: {engine: reader}
  price: {inputUsdPerMillion: 1, outputUsdPerMillion: 2}
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: reader-embed}
spec:
  serving: {engine: reader}
  capabilities: [embeddings]
---
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: {name: sim}
spec:
  serving: {engine: twin, replicas: 2, twin: {speed: 20}}
  price: {inputUsdPerMillion: 1, outputUsdPerMillion: 3}
---
apiVersion: maru.dev/v1alpha1
kind: KnowledgeBase
metadata: {name: topics}
spec:
  sources: [{path: documents}]
  embedding: reader-embed
  ingest: manual
---
apiVersion: maru.dev/v1alpha1
kind: Agent
metadata: {name: counter}
spec:
  model: reader
  instructions: Fetch what is asked for and say what it says.
  tools:
    - {type: http, method: GET}
---
apiVersion: maru.dev/v1alpha1
kind: Dataset
metadata: {name: topics}
spec:
  rows:
    - {input: What is the answer of topic 3 part 2?, relevant: [topic-3.md]}
    - {input: What is the answer of topic 7 part 1?, relevant: [topic-7.md]}
---
apiVersion: maru.dev/v1alpha1
kind: Evaluation
metadata: {name: topics}
spec:
  dataset: topics
  target: {knowledgeBase: topics}
  evaluators: [{type: hit, k: 5}]
---
apiVersion: maru.dev/v1alpha1
kind: Pipeline
metadata: {name: refresh}
spec:
  steps:
    - {name: read, type: ingest, knowledgeBase: topics}
    - {name: measure, type: evaluate, evaluation: topics, needs: [read]}
    - {name: gate, type: gate, evaluation: topics, atLeast: {hit: 0.5}, needs: [measure]}
    - {name: publish, type: publish, needs: [gate], route: {name: published, spec: {backends: [{model: reader}]}}}
`;
