import type { LitellmImport } from '#resources';

/** Resources as YAML, with comments about what could not be carried over. */
export function formatImport(imported: LitellmImport, file: string): string {
  const head = [
    `# Resources of ${file}`,
    ...(imported.settings.masterKey === undefined
      ? []
      : ['# The master key of the file is used by "maru up -f" on the file itself; with these resources set MARU_MASTER_KEY.']),
    ...(imported.warnings.length === 0 ? [] : ['#', '# Not taken over:']),
    ...imported.warnings.map((warning) => `# - ${warning.replaceAll('\n', ' ')}`),
  ];
  return `${[head.join('\n'), ...imported.resources.map((entry) => entry.yaml)].join('\n---\n')}\n`;
}
