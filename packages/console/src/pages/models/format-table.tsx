import { useQuery } from '@tanstack/react-query';
import { formatsQuery } from '../../api/queries.ts';
import { Icon } from '../../components/icon.tsx';
import { SkeletonRows } from '../../components/states.tsx';
import { useT } from '../../i18n/index.ts';
import { CARRIED, isCarried } from './carried.ts';

/** What the wire formats of a model carry: other client formats are translated into the first one. */
export function FormatTable({ formats }: { readonly formats: readonly string[] }) {
  const t = useT();
  const query = useQuery({ ...formatsQuery, staleTime: Number.POSITIVE_INFINITY });
  if (query.data === undefined) return <SkeletonRows rows={4} />;
  const spoken = query.data.filter((format) => formats.includes(format.name));
  return (
    <div className="relative overflow-x-auto">
      <table className="table">
        <caption className="sr-only">{t('models.formats')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('models.carries')}</th>
            {spoken.map((format) => (
              <th key={format.name} scope="col">
                {format.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {CARRIED.filter((name) => spoken.some((format) => name in format.carries)).map((name) => (
            <tr key={name}>
              <td className="text-12">{t(`carries.${name}`)}</td>
              {spoken.map((format) => (
                <td key={format.name} className="text-12">
                  <Carried how={format.carries[name] ?? 'no'} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Carried({ how }: { readonly how: string }) {
  const t = useT();
  if (how === 'yes')
    return (
      <span className="inline-flex items-center text-second">
        <Icon name="check" size={12} />
        <span className="sr-only">{t('models.carried')}</span>
      </span>
    );
  if (!isCarried(how)) return <span className="text-third">{t('models.notCarried')}</span>;
  return <span className="whitespace-normal text-second">{how}</span>;
}
