/**
 * A record while it is put together. Fields that are not always there are assigned one by one, because an object of spread parts costs
 * the thread many times as much, for every request.
 */
export type Draft<T> = { -readonly [Field in keyof T]: T[Field] };
