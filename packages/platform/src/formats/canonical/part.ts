import type { WireFormat } from '../wire-format.ts';

/** Asks the provider to keep the prompt up to and with this part. */
export interface CacheMarker {
  readonly ttl?: '5m' | '1h';
}

/** Where the bytes of an image, a document or a sound are. */
export type MediaSource =
  | { readonly type: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string; readonly mediaType?: string }
  /** A file that was uploaded to the vendor of `format`; it means nothing to another vendor. */
  | { readonly type: 'file'; readonly id: string; readonly format: WireFormat; readonly mediaType?: string };

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly cache?: CacheMarker;
  /** The vendor's own citations or annotations, given back to the same format only. */
  readonly notes?: { readonly format: WireFormat; readonly value: readonly unknown[] };
}

export interface ImagePart {
  readonly type: 'image';
  readonly source: MediaSource;
  readonly detail?: 'low' | 'high' | 'auto';
  readonly cache?: CacheMarker;
}

export interface DocumentPart {
  readonly type: 'document';
  readonly source: MediaSource | { readonly type: 'text'; readonly text: string };
  readonly name?: string;
  /** What the model is told about the document besides its content. */
  readonly context?: string;
  /** Whether the answer is to cite it. */
  readonly citations?: boolean;
  readonly cache?: CacheMarker;
}

export interface AudioPart {
  readonly type: 'audio';
  readonly source: MediaSource;
}

export interface VideoPart {
  readonly type: 'video';
  readonly source: MediaSource;
}

export interface ToolCallPart {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  /** The text that the model wrote: JSON, except for a custom tool, whose input is free text. */
  readonly arguments: string;
  readonly custom?: boolean;
  readonly cache?: CacheMarker;
}

export type ToolResultContent = TextPart | ImagePart | DocumentPart | ForeignPart;

export interface ToolResultPart {
  readonly type: 'tool-result';
  readonly callId: string;
  /** Name of the tool, where the format says it. */
  readonly name?: string;
  readonly content: readonly ToolResultContent[];
  readonly isError?: boolean;
  /** The result of a custom tool. */
  readonly custom?: boolean;
  readonly cache?: CacheMarker;
}

/**
 * What a vendor needs to recognise its own reasoning when it comes back. It is opaque, belongs to the vendor of `format`, and no other
 * vendor may be sent it.
 */
export interface Seal {
  readonly format: WireFormat;
  /** `signature` proves the text beside it; `encrypted` holds the reasoning itself, and there may be no text. */
  readonly kind: 'signature' | 'encrypted';
  readonly value: string;
  /** The vendor's id of the item, where it has one. */
  readonly id?: string;
}

/**
 * Reasoning of the model. A signature that a vendor puts on a tool call or a text (Gemini) stands as a reasoning part with empty text
 * right before it.
 */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  readonly seal?: Seal;
}

export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

/** A part that only one format knows; given back to it untouched, and named as dropped by all others. */
export interface ForeignPart {
  readonly type: 'foreign';
  readonly format: WireFormat;
  readonly value: unknown;
}

export type SystemPart = TextPart | ForeignPart;
export type UserPart = TextPart | ImagePart | DocumentPart | AudioPart | VideoPart | ForeignPart;
export type AssistantPart = TextPart | ReasoningPart | ToolCallPart | RefusalPart | ForeignPart;
