import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestSet } from './read-cranfield.ts';

/** The Korean set: `documents.jsonl` with `{path, text}`, `questions.jsonl` with `{question, relevant}`. */
export function readKorean(folder: string): TestSet {
  const lines = (file: string): unknown[] =>
    readFileSync(join(folder, file), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  const documents = (lines('documents.jsonl') as { path: string; text: string }[]).map((row) => [row.path, row.text] as const);
  const questions = (lines('questions.jsonl') as { question: string; relevant: string[] }[]).map((row) => ({
    text: row.question,
    relevant: new Set(row.relevant),
  }));
  return { documents: new Map(documents), questions };
}
