import { useState } from 'react';
import type { Ask } from '../../api/ask/ask.ts';
import { type CodeLanguage, LANGUAGES, requestCode } from '../../api/ask/request-code.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { useT } from '../../i18n/index.ts';

const NAMES: Readonly<Record<CodeLanguage, string>> = { curl: 'curl', python: 'Python', typescript: 'TypeScript' };

/** The request of an answer as code to take away. */
export function CodePanel({ ask }: { readonly ask: Ask }) {
  const t = useT();
  const [language, setLanguage] = useState<CodeLanguage>('curl');
  const code = requestCode(ask, { language, origin: window.location.origin });
  return (
    <section aria-label={t('playground.code')} className="px-4 py-3">
      <header className="mb-2 flex flex-wrap items-center gap-2">
        <h2 className="text-13 font-bold">{t('playground.code')}</h2>
        <span className="ml-auto">
          <CopyButton text={code} />
        </span>
        <Segmented
          label={t('playground.codeLanguage')}
          value={language}
          choices={LANGUAGES.map((value) => ({ value, label: NAMES[value] }))}
          onChange={setLanguage}
        />
      </header>
      <CodeBlock label={t('playground.code')} text={code} />
    </section>
  );
}
