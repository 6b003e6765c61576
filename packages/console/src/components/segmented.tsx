import { ToggleGroup } from 'radix-ui';
import type { Choice } from './field.tsx';

interface SegmentedProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly Choice<Value>[];
  readonly onChange: (value: Value) => void;
}

/** A few choices side by side, one of them chosen. */
export function Segmented<Value extends string>({ label, value, choices, onChange }: SegmentedProps<Value>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(next) => {
        const choice = choices.find((candidate) => candidate.value === next);
        if (choice !== undefined) onChange(choice.value);
      }}
      className="inline-flex h-7 shrink-0 items-center rounded-control border border-control-line bg-panel p-px"
    >
      {choices.map((choice) => (
        <ToggleGroup.Item
          key={choice.value}
          value={choice.value}
          className="h-full rounded-[5px] px-2.5 text-12 whitespace-nowrap text-second hover:text-ink data-[state=on]:bg-chosen data-[state=on]:font-medium data-[state=on]:text-ink"
        >
          {choice.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
