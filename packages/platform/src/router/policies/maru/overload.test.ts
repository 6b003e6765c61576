import { describe, expect, it } from 'vitest';
import { Overload } from './overload.ts';

const after = (...lost: boolean[]): Overload => {
  const overload = new Overload();
  for (const each of lost) overload.placed(each);
  return overload;
};

describe('overload', () => {
  it('is not evident before a request was lost', () => {
    expect(after().evident).toBe(false);
    expect(after(...new Array<boolean>(1000).fill(false)).evident).toBe(false);
  });

  it('is evident at the first one that is lost wherever it goes', () => {
    expect(after(false, true).evident).toBe(true);
  });

  it('stays as long as requests are lost, and ends when a while passes without any', () => {
    const lost = new Array<boolean>(200).fill(true);

    expect(after(...lost, ...new Array<boolean>(150).fill(false)).evident).toBe(true);
    expect(after(...lost, ...new Array<boolean>(250).fill(false)).evident).toBe(false);
  });
});
