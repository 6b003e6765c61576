/** Tables of the room `pipelines`. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by the room
export interface PipelinesTables {}
