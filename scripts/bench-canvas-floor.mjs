// The floor of `npm run bench -- canvas`: React Flow with bare nodes, and nothing else on the page. Runs in the browser.
import { createElement, useCallback, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { applyNodeChanges, MiniMap, Background, ReactFlow } from '@xyflow/react';
import '@xyflow/react/dist/style.css';

function Floor({ graph }) {
  const [nodes, setNodes] = useState(graph.nodes);
  const onNodesChange = useCallback((changes) => setNodes((now) => applyNodeChanges(changes, now)), []);
  return createElement(
    ReactFlow,
    {
      nodes,
      edges: graph.edges,
      onNodesChange,
      fitView: true,
      minZoom: 0.1,
      panOnScroll: true,
      panOnDrag: [1],
      selectionOnDrag: true,
    },
    createElement(Background),
    createElement(MiniMap),
  );
}

createRoot(document.querySelector('#root')).render(createElement(Floor, { graph: window.graph }));
