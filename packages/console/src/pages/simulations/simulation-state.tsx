import type { Simulation } from '@maru/api/wire';
import { Bar } from '../../components/bars.tsx';
import { Tag, type Tone } from '../../components/tag.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useT } from '../../i18n/index.ts';

const TONES: Readonly<Partial<Record<Simulation['state'], Tone>>> = { running: 'accent', failed: 'red', interrupted: 'amber', queued: 'plain' };

/** The word of a state; one that has ended well is plain text. */
export function SimulationState({ state }: Pick<Simulation, 'state'>) {
  const t = useT();
  const tone = TONES[state];
  const word = t(`sim.state.${state}`);
  return tone === undefined ? <span className="text-12 text-second">{word}</span> : <Tag tone={tone}>{word}</Tag>;
}

/** Combinations that have been played, of all. */
export function SimulationProgress({ done, all }: Pick<Simulation, 'done' | 'all'>) {
  const format = useFormat();
  return (
    <span className="figure inline-flex items-center gap-2 align-middle">
      <Bar share={all === 0 ? 0 : done / all} />
      <span className="text-12 text-second">
        {format.number(done)} / {format.number(all)}
      </span>
    </span>
  );
}
