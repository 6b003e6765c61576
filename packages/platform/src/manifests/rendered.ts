import type { KubeManifest } from './manifest.ts';

/** A rendered object and the resource that asked for it. */
export interface Rendered {
  readonly manifest: KubeManifest;
  /** `Model/sim-8b`. */
  readonly origin: string;
  /** Why the object is there, in a few words. */
  readonly purpose: string;
}

/** Something that a resource asks for and Kubernetes objects can not say. */
export interface RenderNote {
  readonly origin: string;
  readonly message: string;
}

export interface RenderResult {
  readonly objects: readonly Rendered[];
  readonly notes: readonly RenderNote[];
}
