import type { MessageKey, Translate } from '../i18n/index.ts';

const CALENDAR = ['hour', 'day', 'week', 'month', 'total'] as const;

/** The window of a budget in the words of the language; a length of time such as `30d` rolls. */
export function sayWindow(t: Translate, prefix: 'costs.window' | 'attention.window', window: string): string {
  const name = CALENDAR.find((each) => each === window);
  const key: MessageKey = name === undefined ? 'costs.window.rolling' : `${prefix}.${name}`;
  return t(key, { length: window });
}
