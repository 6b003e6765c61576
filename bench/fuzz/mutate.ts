import fc from 'fast-check';

/** Tokens that parsers stumble over, put in at any place. */
const DICTIONARY = [
  '\n',
  '\r\n',
  '\r',
  '\n\n',
  'data: ',
  'data:[DONE]\n\n',
  'event: error\n',
  ': \n',
  'id: 1\n',
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  '\\u0000',
  '\\ud800',
  ',',
  ':',
  'null',
  'true',
  '-1',
  '1e999',
  '9007199254740993',
  '{"error":{"message":"x"}}',
  '"__proto__":{"x":1},',
  '"model":"auto",',
  '\u0000',
  '\ufeff',
  '\u2028',
  '--',
  '\r\n--fuzz7b',
  '\r\n--fuzz7b--',
  ' ',
  '\t',
  '&a',
  '*a',
  '<<: *a',
  '!!js/function x',
  '%',
  '\u001b[0m',
  'x'.repeat(2000),
  '[['.repeat(300),
];

interface Mutation {
  readonly kind: 'flip' | 'insert' | 'delete' | 'repeat' | 'token' | 'truncate';
  readonly at: number;
  readonly length: number;
  readonly byte: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'insert', 'delete', 'repeat', 'token', 'truncate'),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 40 }),
  byte: fc.integer({ min: 0, max: 255 }),
});

/** One of these inputs, changed a little. */
export const mutated = (inputs: readonly (string | Uint8Array)[]): fc.Arbitrary<Buffer> =>
  fc.tuple(fc.constantFrom(...inputs), fc.array(mutation, { maxLength: 4 })).map(([input, mutations]) => mutations.reduce(apply, Buffer.from(input)));

function apply(bytes: Buffer, { kind, at, length, byte }: Mutation): Buffer {
  const place = at % (bytes.length + 1);
  const before = bytes.subarray(0, place);
  const after = bytes.subarray(place);
  switch (kind) {
    case 'flip': {
      const copy = Buffer.from(bytes);
      if (copy.length > 0) copy[place % copy.length] = byte;
      return copy;
    }
    case 'insert':
      return Buffer.concat([before, Buffer.from([byte]), after]);
    case 'delete':
      return Buffer.concat([before, after.subarray(length)]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 'token':
      return Buffer.concat([before, Buffer.from(DICTIONARY[byte % DICTIONARY.length] ?? ''), after]);
    case 'truncate':
      return Buffer.from(before);
  }
}

/** Places to cut bytes at: none, a few, or at every byte. */
export const cuts: fc.Arbitrary<'every' | readonly number[]> = fc.oneof(fc.constant('every' as const), fc.array(fc.nat(), { maxLength: 6 }));

export function cutAt(bytes: Buffer, where: 'every' | readonly number[]): Buffer[] {
  if (where === 'every') return Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
  const places = [...new Set([0, ...where.map((place) => place % (bytes.length + 1)), bytes.length])].sort((left, right) => left - right);
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}
