import type { RouteDecision } from '@maru/api/records';
import { useFormat } from '../../format/use-format.ts';
import { type MessageKey, useT } from '../../i18n/index.ts';
import { scoreTable } from './score-table.ts';

const PARTS = ['queue', 'prefill', 'decode', 'displaced', 'money', 'missed'] as const;

/** What the total of each candidate is made of: the scores of scorers, or a cost in milliseconds. */
export function ScoreParts({ decision }: { readonly decision: RouteDecision }) {
  const t = useT();
  const format = useFormat();
  const { inTime, columns, rows } = scoreTable(decision);
  if (columns.length === 0 || rows.length < 2) return <p className="px-4 pb-3 text-12 text-second">{t('routing.oneCandidate')}</p>;
  const titleOf = (name: string): string => {
    const part = PARTS.find((known) => known === name);
    return part === undefined ? name : t(`routing.part.${part}` satisfies MessageKey);
  };
  return (
    <>
      <div className="relative overflow-x-auto">
        <table className="table">
          <caption className="sr-only">{t('routing.parts')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('decision.candidate')}</th>
              {columns.map((name) => (
                <th key={name} scope="col" className="text-right!">
                  {titleOf(name)}
                </th>
              ))}
              <th scope="col" className="text-right!">
                {t('routing.total')}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.endpoint}>
                <td className={row.endpoint === decision.chosen ? 'font-medium' : ''}>{row.endpoint}</td>
                {row.values.map((value, index) => (
                  <td key={columns[index]} className="text-right! text-12">
                    {format.decimal(value, inTime ? 1 : 2)}
                  </td>
                ))}
                <td className={`text-right! text-12 ${row.endpoint === decision.chosen ? 'font-medium text-accent' : ''}`}>
                  {format.decimal(row.total, inTime ? 1 : 2)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {inTime ? <p className="px-4 pt-1 pb-3 text-11 text-third">{t('routing.partsHint')}</p> : null}
    </>
  );
}
