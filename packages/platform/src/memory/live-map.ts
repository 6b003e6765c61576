/**
 * A map in the order of insertion, for values that live about as long as a request.
 *
 * V8 makes a `Map` or `Set` that changes often a new table now and then, and chains the old one to it. Once such a table has been moved
 * to the old generation, all tables behind it, with all that they held, stay until the next full collection: measured in `bench/memory`, several
 * times the work of collecting, and hundreds of megabytes. Here the tables hold numbers only, and the place of a value is cleared when it leaves.
 */
export class LiveMap<Key extends string | number, Value> {
  readonly #places = new Map<Key, number>();
  readonly #values: (Value | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.size;
  }

  get(key: Key): Value | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#values[place];
  }

  /** A key that is known keeps its place in the order. */
  set(key: Key, value: Value): void {
    const known = this.#places.get(key);
    const place = known ?? this.#free.pop() ?? this.#values.length;
    this.#values[place] = value;
    if (known === undefined) this.#places.set(key, place);
  }

  /** Takes a value out, and returns it. */
  take(key: Key): Value | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const value = this.#values[place];
    this.#places.delete(key);
    this.#values[place] = undefined;
    this.#free.push(place);
    return value;
  }

  /** The oldest key; undefined when the map is empty. */
  get first(): Key | undefined {
    return this.#places.keys().next().value;
  }

  /** In the order of insertion; values may be taken out meanwhile. */
  *[Symbol.iterator](): Generator<readonly [Key, Value]> {
    for (const [key, place] of this.#places) yield [key, this.#values[place] as Value];
  }
}
