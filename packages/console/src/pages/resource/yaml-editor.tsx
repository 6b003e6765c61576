import { autocompletion, closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentUnit } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import type { ResourceProblem } from '@maru/api/wire';
import { useEffect, useRef } from 'react';
import { editorTheme } from './editor-theme.ts';
import { placeOf } from './problem-place.ts';

export interface YamlEditorProps {
  readonly label: string;
  /** Text at first and whenever it is replaced from outside. */
  readonly text: string;
  readonly problems: readonly ResourceProblem[];
  /** Line to go to; a new object goes there again. */
  readonly goTo?: { readonly line: number; readonly column: number } | undefined;
  readonly onChange: (text: string) => void;
}

/** YAML with its mistakes underlined where they are. Escape then Tab leaves the editor. */
export default function YamlEditor({ label, text, problems, goTo, onChange }: YamlEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const latest = useRef({ onChange, text });
  latest.current = { onChange, text };

  useEffect(() => {
    if (host.current === null) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.text,
        extensions: [
          lineNumbers(),
          lintGutter(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          bracketMatching(),
          closeBrackets(),
          autocompletion(),
          indentUnit.of('  '),
          yaml(),
          editorTheme,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [label]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || editor.state.doc.toString() === text) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined) return;
    const source = editor.state.doc.toString();
    const diagnostics: Diagnostic[] = problems.map((problem) => ({ ...placeOf(source, problem), severity: 'error', message: problem.message }));
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [problems]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || goTo === undefined) return;
    const { from } = placeOf(editor.state.doc.toString(), goTo);
    editor.dispatch({ selection: { anchor: from }, scrollIntoView: true });
    editor.focus();
  }, [goTo]);

  return <div ref={host} className="min-h-0 flex-1 overflow-hidden" />;
}
