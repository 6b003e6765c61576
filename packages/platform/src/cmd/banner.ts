import { createColors } from 'picocolors';

export interface BannerFacts {
  readonly baseUrl: string;
  readonly loginUrl: string;
  readonly key: string;
  readonly models: readonly { readonly id: string; readonly note: string }[];
  /** A model that answers without a key of a vendor, for the line to paste. */
  readonly askModel: string | undefined;
  readonly dataDir: string;
  readonly readyMs: number;
  readonly colour: boolean;
}

/** What a person needs first: where to look, what to send, where the data lies. */
export function formatBanner(facts: BannerFacts): string {
  const pc = createColors(facts.colour);
  const width = Math.max(0, ...facts.models.map((model) => model.id.length));
  const models = facts.models.map((model) => `    ${model.id.padEnd(width)}  ${pc.dim(model.note)}`);
  const curl =
    facts.askModel === undefined
      ? []
      : [
          `  ${pc.bold('Ask')}`,
          `    curl -s ${facts.baseUrl}/chat/completions -H "authorization: Bearer ${facts.key}" -H "content-type: application/json" -d '{"model":"${facts.askModel}","messages":[{"role":"user","content":"What is the engine twin?"}]}'`,
          '',
        ];
  return [
    '',
    `${pc.bold('Maru')} is ready ${pc.dim(`(${Math.round(facts.readyMs)} ms)`)}`,
    '',
    `  ${pc.bold('Console')}   ${facts.loginUrl}`,
    `  ${pc.bold('OpenAI')}    base URL ${facts.baseUrl}`,
    `            key      ${facts.key}`,
    `  ${pc.bold('Data')}      ${facts.dataDir}`,
    '',
    `  ${pc.bold('Models')}`,
    ...models,
    '',
    ...curl,
  ].join('\n');
}
