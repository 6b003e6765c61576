import type { AgentInfo } from '@maru/api/wire';
import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { useT } from '../../i18n/index.ts';

type NodeKind = AgentInfo['graph']['nodes'][number]['kind'];
export interface GraphNodeData extends Record<string, unknown> {
  readonly label: string;
  readonly kind: NodeKind;
}

const MARKS: Readonly<Record<NodeKind, string>> = {
  start: 'bg-third',
  model: 'bg-series-1',
  tool: 'bg-series-2',
  plan: 'bg-series-4',
  evaluate: 'bg-series-3',
  end: 'bg-third',
};

/** A step of an agent: its name and what kind of work it is. */
export function GraphNode({ data }: NodeProps<Node<GraphNodeData>>) {
  const t = useT();
  const end = data.kind === 'start' || data.kind === 'end';
  return (
    <div
      className={`flex min-w-[104px] items-center gap-2 border border-control-line bg-panel px-3 ${end ? 'h-8 min-w-0 rounded-full' : 'h-11 rounded-control'}`}
    >
      <Handle id="left" type="target" position={Position.Left} isConnectable={false} />
      <Handle id="top" type="target" position={Position.Top} isConnectable={false} />
      <span aria-hidden="true" className={`size-2 shrink-0 rounded-mark ${MARKS[data.kind]}`} />
      <span>
        <span className="block text-12 leading-4 font-medium whitespace-nowrap">{data.label}</span>
        {end ? null : <span className="block text-11 leading-4 text-third">{t(`agents.node.${data.kind}`)}</span>}
      </span>
      <Handle id="right" type="source" position={Position.Right} isConnectable={false} />
      <Handle id="bottom" type="source" position={Position.Bottom} isConnectable={false} />
      <Handle id="top-out" type="source" position={Position.Top} isConnectable={false} />
    </div>
  );
}
