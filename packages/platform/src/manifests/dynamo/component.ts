/** One part of a graph, before it is written in a version of the API. */
export interface Component {
  readonly name: string;
  readonly type: 'frontend' | 'worker' | 'prefill' | 'decode' | 'planner';
  readonly replicas: number;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** Secret whose entries become variables. */
  readonly envFrom: string | undefined;
  /** Nodes that make one replica. */
  readonly nodes: number;
  /** Absent where it needs no GPU. */
  readonly gpu?: {
    readonly count: number;
    readonly limits: Readonly<Record<string, string>>;
    readonly claims: readonly { readonly name: string }[] | undefined;
    readonly resourceClaims: readonly object[] | undefined;
    readonly nodeSelector: Readonly<Record<string, string>>;
    readonly tolerations: readonly object[];
  };
}
