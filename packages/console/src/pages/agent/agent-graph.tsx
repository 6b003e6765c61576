import '@xyflow/react/dist/base.css';
import './agent-graph.css';
import type { AgentInfo } from '@maru/api/wire';
import { Background, BackgroundVariant, type Edge, MarkerType, type Node, ReactFlow, type ReactFlowInstance } from '@xyflow/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useT } from '../../i18n/index.ts';
import { graphLines, layoutGraph } from './graph-layout.ts';
import { GraphNode, type GraphNodeData } from './graph-node.tsx';

const FIT = { padding: 0.12, maxZoom: 1 } as const;
const NODE_TYPES = { step: GraphNode };
const ARROW = { type: MarkerType.ArrowClosed, width: 14, height: 14 } as const;

/** Forward from side to side, back over the top, to the tools from below. */
const HANDLES = { forward: { from: 'right', to: 'left' }, back: { from: 'top-out', to: 'top' }, aside: { from: 'bottom', to: 'top' } } as const;

/** The graph as it runs; the list below it says the same for a screen reader. */
export default function AgentGraph({ graph, label }: { readonly graph: AgentInfo['graph']; readonly label: string }) {
  const t = useT();
  const figure = useRef<HTMLElement>(null);
  const [flow, setFlow] = useState<ReactFlowInstance<Node<GraphNodeData>> | undefined>(undefined);
  useEffect(() => {
    if (flow === undefined || figure.current === null) return;
    const observer = new ResizeObserver(() => void flow.fitView(FIT));
    observer.observe(figure.current);
    return () => observer.disconnect();
  }, [flow]);
  const { nodes, edges } = useMemo(() => {
    const places = layoutGraph(graph);
    const drawn: Node<GraphNodeData>[] = graph.nodes.map((node) => ({
      id: node.id,
      type: 'step',
      position: places.get(node.id) ?? { x: 0, y: 0 },
      data: { label: node.label, kind: node.kind },
    }));
    const lines = graphLines(graph, places).map((line, index): Edge => {
      const handles = HANDLES[line.way];
      return {
        id: `${line.from}-${line.to}-${index + 1}`,
        source: line.from,
        target: line.to,
        sourceHandle: handles.from,
        targetHandle: handles.to,
        type: line.way === 'back' ? 'smoothstep' : 'default',
        ...(line.label === undefined ? {} : { label: line.label }),
        markerEnd: ARROW,
        ...(line.both ? { markerStart: ARROW } : {}),
      };
    });
    return { nodes: drawn, edges: lines };
  }, [graph]);
  return (
    <figure ref={figure} aria-label={label} className="h-[300px]">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        fitView
        fitViewOptions={FIT}
        onInit={setFlow}
        minZoom={0.3}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        preventScrolling={false}
        zoomOnScroll={false}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={16} size={1} />
      </ReactFlow>
      <figcaption className="sr-only">{graph.edges.map((edge) => t('agents.edge', { from: edge.from, to: edge.to })).join('; ')}</figcaption>
    </figure>
  );
}
