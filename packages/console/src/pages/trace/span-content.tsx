import type { Span } from '@maru/api/records';
import { z } from 'zod';
import { CodeBlock, readable } from '../../components/code-block.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Markdown } from '../../components/markdown/markdown.tsx';
import { unpackJson } from '../../components/unpack-json.ts';
import { useT } from '../../i18n/index.ts';

const messageSchema = z.object({
  role: z.string(),
  content: z.union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() }))]).nullish(),
});
const messagesSchema = z.union([z.array(messageSchema), z.object({ messages: z.array(messageSchema) }).transform((body) => body.messages)]);

type Content = z.infer<typeof messageSchema>['content'];
const textOf = (content: Content): string => (typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? `[${part.type}]`).join('\n'));

/** Input and output as a person reads them: messages as a conversation, the rest as it is. */
export function SpanContent({ span }: { readonly span: Span }) {
  const t = useT();
  return (
    <div className="flex flex-col gap-5 p-4">
      {span.statusMessage === undefined ? null : <p className="rounded-control bg-red-ground px-3 py-2 text-12 break-words text-red">{span.statusMessage}</p>}
      <Content title={t('trace.input')} value={span.input} />
      <Content title={t('trace.output')} value={span.output} />
      {span.input === undefined && span.output === undefined ? <p className="text-12 text-third">{t('trace.noContent')}</p> : null}
    </div>
  );
}

function Content({ title, value: raw }: { readonly title: string; readonly value: unknown }) {
  const value = unpackJson(raw);
  if (value === undefined || value === null) return null;
  const messages = messagesSchema.safeParse(value);
  return (
    <section>
      <header className="mb-1 flex h-7 items-center">
        <h3 className="text-12 font-normal text-third">{title}</h3>
        <span className="-mr-2 ml-auto">
          <CopyButton text={readable(value)} />
        </span>
      </header>
      {messages.success ? (
        <ol className="flex flex-col gap-3">
          {messages.data.map((message, index) => (
            <li key={`${message.role}-${index + 1}`} className="border-l-2 border-line pl-3">
              <p className="text-11 text-third">{message.role}</p>
              <Markdown source={textOf(message.content)} />
            </li>
          ))}
        </ol>
      ) : typeof value === 'string' ? (
        <Markdown source={value} />
      ) : (
        <CodeBlock label={title} text={readable(value)} />
      )}
    </section>
  );
}
