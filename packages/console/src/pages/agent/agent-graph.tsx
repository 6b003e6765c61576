import '@xyflow/react/dist/base.css';
import './agent-graph.css';
import type { AgentInfo } from '@maru/api/wire';
import { Background, BackgroundVariant, type Edge, MarkerType, type Node, Position, ReactFlow } from '@xyflow/react';
import { useMemo } from 'react';
import { useT } from '../../i18n/index.ts';
import { layoutGraph } from './graph-layout.ts';
import { GraphNode, type GraphNodeData } from './graph-node.tsx';

const NODE_TYPES = { step: GraphNode };

/** The graph as it runs; the list below it says the same for a screen reader. */
export default function AgentGraph({ graph, label }: { readonly graph: AgentInfo['graph']; readonly label: string }) {
  const t = useT();
  const { nodes, edges } = useMemo(() => {
    const places = layoutGraph(graph);
    const drawn: Node<GraphNodeData>[] = graph.nodes.map((node) => ({
      id: node.id,
      type: 'step',
      position: places.get(node.id) ?? { x: 0, y: 0 },
      data: { label: node.label, kind: node.kind },
      sourcePosition: Position.Right,
      targetPosition: Position.Left,
    }));
    const lines: Edge[] = graph.edges.map((edge, index) => {
      const back = (places.get(edge.to)?.x ?? 0) <= (places.get(edge.from)?.x ?? 0);
      return {
        id: `${edge.from}-${edge.to}-${index}`,
        source: edge.from,
        target: edge.to,
        type: back ? 'smoothstep' : 'default',
        ...(edge.label === undefined ? {} : { label: edge.label }),
        markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
      };
    });
    return { nodes: drawn, edges: lines };
  }, [graph]);
  return (
    <figure aria-label={label} className="h-[300px]">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        fitView
        fitViewOptions={{ padding: 0.12, maxZoom: 1 }}
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
