import { DropdownMenu } from 'radix-ui';
import { IconButton } from '../components/button.tsx';
import type { Choice } from '../components/field.tsx';
import { Icon } from '../components/icon.tsx';
import type { IconName } from '../components/icon-paths.ts';

interface ChoiceMenuProps<Value extends string> {
  readonly label: string;
  readonly icon: IconName;
  readonly value: Value;
  readonly choices: readonly Choice<Value>[];
  readonly onChange: (value: Value) => void;
}

/** An icon that opens a few choices. */
export function ChoiceMenu<Value extends string>({ label, icon, value, choices, onChange }: ChoiceMenuProps<Value>) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <IconButton icon={icon} label={label} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="end" sideOffset={4} className="float-in z-50 min-w-36 rounded-card border border-line bg-raised p-1 shadow-float">
          <DropdownMenu.RadioGroup
            value={value}
            onValueChange={(next) => {
              const choice = choices.find((candidate) => candidate.value === next);
              if (choice !== undefined) onChange(choice.value);
            }}
          >
            {choices.map((choice) => (
              <DropdownMenu.RadioItem
                key={choice.value}
                value={choice.value}
                className="flex h-7 cursor-pointer items-center gap-3 rounded-tag px-2 text-12 outline-none data-[highlighted]:bg-chosen"
              >
                {choice.label}
                <DropdownMenu.ItemIndicator className="ml-auto text-accent">
                  <Icon name="check" size={14} />
                </DropdownMenu.ItemIndicator>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
