import type { JsonObject } from '../json-value.ts';
import type { WireFormat } from '../wire-format.ts';
import type { CacheMarker } from './part.ts';

export interface FunctionTool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string;
  /** JSON schema of the arguments; an empty object takes none. */
  readonly parameters: JsonObject;
  readonly strict?: boolean;
  readonly cache?: CacheMarker;
}

/** A tool whose input is free text, optionally held to a grammar. */
export interface CustomTool {
  readonly type: 'custom';
  readonly name: string;
  readonly description?: string;
  readonly grammar?: { readonly syntax: string; readonly definition: string };
}

/** A tool that a vendor runs itself, such as its web search. */
export interface ForeignTool {
  readonly type: 'foreign';
  readonly format: WireFormat;
  /** The vendor's name of the kind of tool. */
  readonly kind: string;
  readonly value: JsonObject;
}

export type CanonicalTool = FunctionTool | CustomTool | ForeignTool;

export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'tool'; readonly name: string }
  /** Only these tools, `required` when one of them must be called. */
  | { readonly type: 'allowed'; readonly mode: 'auto' | 'required'; readonly names: readonly string[] };
