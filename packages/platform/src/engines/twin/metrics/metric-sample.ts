/** One line of the text format of Prometheus, without the name and the labels that every line of an engine has. */
export interface MetricSample {
  /** `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: string;
  /** Further labels, as `le="0.1"`. */
  readonly labels?: string;
  readonly value: number;
}
