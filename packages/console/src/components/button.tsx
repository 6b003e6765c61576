import type { ComponentProps } from 'react';
import { classNames } from './class-names.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon-paths.ts';

const LOOKS = { plain: '', primary: 'control-primary', ghost: 'control-ghost', danger: 'control-danger', 'danger-primary': 'control-danger-primary' } as const;
type ButtonLook = keyof typeof LOOKS;

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: ButtonLook;
  readonly icon?: IconName;
  /** While the action runs the button keeps its width and can not be pressed again. */
  readonly busy?: boolean;
}

/** A verb to press. */
export function Button({ look = 'plain', icon, busy = false, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} disabled={disabled === true || busy} aria-busy={busy} className={classNames('control', LOOKS[look], className)}>
      {icon === undefined ? null : <Icon name={icon} size={14} />}
      {children}
    </button>
  );
}

/** A button that is only an icon; its label is read aloud and shown on hover. */
export function IconButton({ icon, label, className, ...rest }: ComponentProps<'button'> & { readonly icon: IconName; readonly label: string }) {
  return (
    <button type="button" {...rest} aria-label={label} title={label} className={classNames('control control-ghost w-7 justify-center px-0', className)}>
      <Icon name={icon} />
    </button>
  );
}
