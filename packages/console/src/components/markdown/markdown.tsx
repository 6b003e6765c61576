import { Fragment, type ReactNode, useMemo } from 'react';
import { useT } from '../../i18n/index.ts';
import { type Block, parseBlocks } from './parse-blocks.ts';
import { parseInline } from './parse-inline.ts';

interface MarkdownProps {
  readonly source: string;
  /** Names of the sources, in order; `[name]` in the text becomes a number that opens the passage. */
  readonly citations?: readonly string[];
  readonly onCite?: (index: number) => void;
}

const NONE: readonly string[] = [];

/** Renders Markdown as elements, never as HTML, so that nothing in an answer can run. */
export function Markdown({ source, citations = NONE, onCite }: MarkdownProps) {
  const blocks = useMemo(() => parseBlocks(source), [source]);
  return (
    <div className="prose max-w-[76ch] break-words">
      {blocks.map((block, index) => (
        <BlockView key={`${block.type}-${index + 1}`} block={block} inline={(text) => <Inlines text={text} citations={citations} onCite={onCite} />} />
      ))}
    </div>
  );
}

function BlockView({ block, inline }: { readonly block: Block; readonly inline: (text: string) => ReactNode }) {
  switch (block.type) {
    case 'heading':
      return <p className="font-bold">{inline(block.text)}</p>;
    case 'code':
      return <pre className="overflow-x-auto rounded-control bg-faint p-3 font-mono text-12 whitespace-pre-wrap">{block.text}</pre>;
    case 'quote':
      return <blockquote className="border-l-2 border-line pl-3 text-second">{inline(block.text)}</blockquote>;
    case 'list': {
      const List = block.ordered ? 'ol' : 'ul';
      return (
        <List className={`flex flex-col gap-1 pl-5 ${block.ordered ? 'list-decimal' : 'list-disc'}`}>
          {block.items.map((item, index) => (
            <li key={`${index + 1}`}>{inline(item)}</li>
          ))}
        </List>
      );
    }
    case 'table':
      return (
        <table className="table">
          <thead>
            <tr>
              {block.header.map((cell, index) => (
                <th key={`${index + 1}`}>{inline(cell)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {block.rows.map((row, at) => (
              <tr key={`${at + 1}`}>
                {row.map((cell, index) => (
                  <td key={`${index + 1}`} className="whitespace-normal!">
                    {inline(cell)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      );
    case 'paragraph':
      return <p className="whitespace-pre-wrap">{inline(block.text)}</p>;
  }
}

interface InlinesProps {
  readonly text: string;
  readonly citations: readonly string[];
  readonly onCite: ((index: number) => void) | undefined;
}

function Inlines({ text, citations, onCite }: InlinesProps) {
  const t = useT();
  return parseInline(text, citations).map((run, index) => {
    const key = `${index + 1}`;
    switch (run.type) {
      case 'strong':
        return (
          <strong key={key} className="font-medium">
            {run.text}
          </strong>
        );
      case 'emphasis':
        return <em key={key}>{run.text}</em>;
      case 'code':
        return <code key={key}>{run.text}</code>;
      case 'link':
        return (
          <a key={key} href={run.href} target="_blank" rel="noreferrer">
            {run.text}
          </a>
        );
      case 'citation':
        return (
          <button
            key={key}
            type="button"
            title={citations[run.index]}
            aria-label={t('playground.openSource', { n: run.index + 1, source: citations[run.index] ?? run.text })}
            className="mx-0.5 inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-tag bg-accent-ground px-1 align-[-3px] text-11 text-accent hover:underline"
            onClick={() => onCite?.(run.index)}
          >
            {run.index + 1}
          </button>
        );
      case 'text':
        return <Fragment key={key}>{run.text}</Fragment>;
    }
  });
}
