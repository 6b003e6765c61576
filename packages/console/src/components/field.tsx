import { type ComponentProps, type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
}

/** A labelled line of text. */
export function TextField({ label, hint, error, className, ...rest }: FieldProps & ComponentProps<'input'>) {
  const id = useId();
  return (
    <div className={classNames('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="text-12 text-second">
        {label}
      </label>
      <input id={id} autoComplete="off" className="field" aria-invalid={error !== undefined} aria-describedby={`${id}-hint`} {...rest} />
      <FieldHint id={`${id}-hint`} hint={hint} error={error} />
    </div>
  );
}

/** A labelled text of several lines. */
export function TextArea({ label, hint, error, className, ...rest }: FieldProps & ComponentProps<'textarea'>) {
  const id = useId();
  return (
    <div className={classNames('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="text-12 text-second">
        {label}
      </label>
      <textarea id={id} className="field" aria-invalid={error !== undefined} aria-describedby={`${id}-hint`} {...rest} />
      <FieldHint id={`${id}-hint`} hint={hint} error={error} />
    </div>
  );
}

function FieldHint({ id, hint, error }: { readonly id: string; readonly hint: ReactNode; readonly error: string | undefined }) {
  return (
    <span id={id} className={classNames('text-11', error === undefined ? 'text-third' : 'text-red', error === undefined && hint === undefined && 'hidden')}>
      {error ?? hint}
    </span>
  );
}

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

interface SelectProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly Choice<Value>[];
  readonly onChange: (value: Value) => void;
  /** The label stands above; otherwise it is only read aloud. */
  readonly above?: boolean;
  readonly className?: string;
}

/** The system's own list: keyboard and screen reader know it. */
export function Select<Value extends string>({ label, value, choices, onChange, above = false, className }: SelectProps<Value>) {
  const id = useId();
  const control = (
    <select
      id={id}
      aria-label={above ? undefined : label}
      className={classNames('control appearance-none bg-[length:12px] bg-[position:right_8px_center] bg-no-repeat pr-6', above ? 'w-full' : className)}
      style={{ backgroundImage: 'var(--chevron)' }}
      value={value}
      onChange={(event) => {
        const choice = choices.find((candidate) => candidate.value === event.target.value);
        if (choice !== undefined) onChange(choice.value);
      }}
    >
      {choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  );
  if (!above) return control;
  return (
    <div className={classNames('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="text-12 text-second">
        {label}
      </label>
      {control}
    </div>
  );
}
