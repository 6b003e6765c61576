import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestSet {
  /** Text of each document by its name. */
  readonly documents: ReadonlyMap<string, string>;
  readonly questions: readonly { readonly text: string; readonly relevant: ReadonlySet<string> }[];
}

/** The collection as Markdown documents: the title as heading, then the abstract without it. */
export function readCranfield(folder: string): TestSet {
  const records = (file: string): Map<string, string>[] => readFileSync(join(folder, file), 'latin1').split(/^\.I /m).slice(1).map(readFields);
  const documents = new Map(
    records('cran.all.1400').map((fields) => {
      const title = fields.get('T') ?? '';
      const body = fields.get('W') ?? '';
      return [`${fields.get('I')}.md`, `# ${title.replace(/\s+/g, ' ')}\n\n${body.startsWith(title) ? body.slice(title.length).trim() : body}\n`];
    }),
  );
  const relevant = new Map<number, Set<string>>();
  for (const line of readFileSync(join(folder, 'cranqrel'), 'utf8').trim().split('\n')) {
    const [question = 0, document = 0, grade = -1] = line.trim().split(/\s+/).map(Number);
    if (grade === -1) continue;
    const found = relevant.get(question) ?? new Set<string>();
    relevant.set(question, found.add(`${document}.md`));
  }
  const questions = records('cran.qry').map((fields, index) => ({
    text: (fields.get('W') ?? '').replace(/\s+/g, ' '),
    relevant: relevant.get(index + 1) ?? new Set<string>(),
  }));
  return { documents, questions };
}

function readFields(record: string): Map<string, string> {
  const [id = '', ...lines] = record.split('\n');
  const fields = new Map([['I', String(Number(id.trim()))]]);
  let field = '';
  for (const line of lines) {
    const name = /^\.([A-Z])\s*$/.exec(line)?.[1];
    if (name === undefined) fields.set(field, `${fields.get(field) ?? ''}${line}\n`);
    else field = name;
  }
  return new Map([...fields].map(([name, value]) => [name, value.trim()]));
}
