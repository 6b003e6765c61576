const PREFIX = 'maru.';

/** Reads a setting of this browser; storage may be blocked, then the fallback holds. */
export function readSetting<const Value extends string>(name: string, allowed: readonly Value[], fallback: Value): Value {
  try {
    const stored = window.localStorage.getItem(PREFIX + name);
    return allowed.find((value) => value === stored) ?? fallback;
  } catch {
    return fallback;
  }
}

/** Keeps a setting of this browser; without storage it lives until the page is closed. */
export function writeSetting(name: string, value: string): void {
  try {
    window.localStorage.setItem(PREFIX + name, value);
  } catch {
    return;
  }
}
