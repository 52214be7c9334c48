'use client';

import {
  Background,
  BackgroundVariant,
  MiniMap,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
  useStore,
  type AriaLabelConfig,
  type ReactFlowInstance,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import './canvas.css';
import './decor.css';
import './touch.css';
import {
  useCallback,
  useEffect,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
  type Ref,
} from 'react';
import { toStatusFamily } from '@/components/ui/status';
import type { Definition } from '@/engine/definition/schema';
import { canvas as strings } from '../strings/canvas';
import { CanvasControls } from './canvas-controls';
import { ConnectionLine } from './connection-line';
import { decorMaker, type Decor } from './decor';
import { dropTargetAt, markDropTarget, readDraggedAction } from './drag';
import { FarAway, readable } from './far-away';
import { Frame } from './frame';
import { card, grid, type Point } from './geometry';
import { edgeMaker, nodeMaker, type CanvasNode, type GraphInput, type TransitionEdge } from './graph';
import { NotePaper } from './note-paper';
import { TappedConnection } from './tapped-connection';
import { TaskCard } from './task-card';
import { TerminalSign } from './terminal-sign';
import { ArrowHeads, LineEdits, TransitionLine } from './transition-line';
import { useCanvasClipboard } from './use-canvas-clipboard';
import { useCanvasKeys } from './use-canvas-keys';
import { useConnections } from './use-connections';
import { useFlowChanges } from './use-flow-changes';
import { useMenuRequests } from './use-menu-requests';
import {
  nothingSelected,
  type CanvasEdits,
  type CanvasMarks,
  type CanvasSelection,
  type Catalog,
  type Group,
  type Note,
  type Positions,
  type ProblemCount,
  type RunOverlay,
} from './view';

function minimapClass(node: CanvasNode): string {
  if (node.type !== 'task') return 'minimap-sign';
  return `minimap-${node.data.run ? toStatusFamily(node.data.run.state) : 'task'}`;
}

const nodeTypes = { task: TaskCard, terminal: TerminalSign, frame: Frame, note: NotePaper };
const edgeTypes = { transition: TransitionLine };
const noProblems: ReadonlyMap<string, ProblemCount> = new Map();
const none: readonly never[] = [];
const noDecor: Decor = { nodes: [], inside: new Map() };
const noCatalog: Catalog = new Map();
const noMarks: CanvasMarks = new Map();
const snapGrid: [number, number] = [grid, grid];
const multiSelectionKeys = ['Shift', 'Control', 'Meta'];
const fitOptions = { padding: 0.16, maxZoom: 1, minZoom: 0.2 };
/** Above this many tasks only what is in view is put into the page. */
const manyTasks = 150;

// New objects and functions would have React Flow ask each card and line again, at every drawing of the page.
const ariaLabels: Partial<AriaLabelConfig> = {
  'node.a11yDescription.default': strings.keyboardHelp,
  'node.a11yDescription.keyboardDisabled': strings.keyboardHelp,
  'edge.a11yDescription.default': strings.transitionHelp,
  'node.a11yDescription.ariaLiveMessage': ({ direction, x, y }) =>
    strings.moved(direction, Math.round(x), Math.round(y)),
  'minimap.ariaLabel': strings.minimap,
};
const panButtons = [1];
const minimapStyle = { width: 140, height: 96 };

export interface CanvasHandle {
  /** Brings a task into view where it is not, and leaves the focus where it is. */
  show: (task: string) => void;
  /** The middle of what is in view, in canvas pixels. */
  center: () => Point;
}

export interface WorkflowCanvasProps {
  definition: Definition;
  positions: Positions;
  catalog?: Catalog;
  problems?: ReadonlyMap<string, ProblemCount>;
  run?: RunOverlay | null;
  groups?: readonly Group[];
  notes?: readonly Note[];
  marks?: CanvasMarks;
  selection: CanvasSelection;
  onSelect: (selection: CanvasSelection) => void;
  /** What gestures do; without it the canvas only shows. */
  edits?: CanvasEdits | null;
  /** A menu is wanted at a place of the screen, and of the canvas, about what is chosen. */
  onMenu?: (screen: Point, at: Point) => void;
  handle?: Ref<CanvasHandle>;
  /** Shown over the canvas when there are no tasks. */
  empty?: ReactNode;
}

/** Whether a finger points: then a drag over the ground moves it, and does not draw a box. */
function useTouch(): boolean {
  return useSyncExternalStore(
    () => () => {},
    () => window.matchMedia('(pointer: coarse)').matches,
    () => false,
  );
}

/** The workflow as cards and lines, computed from what is passed in; gestures go out as words of ours. */
export function WorkflowCanvas(props: WorkflowCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

const isFar = ({ transform }: { transform: [number, number, number] }) => transform[2] < readable;

/** The middle of what is in view, in canvas pixels. */
function middleOf(region: HTMLElement | null, flow: Pick<ReactFlowInstance, 'screenToFlowPosition'>): Point {
  const box = region?.getBoundingClientRect();
  return flow.screenToFlowPosition(
    box ? { x: box.x + box.width / 2, y: box.y + box.height / 2 } : { x: 0, y: 0 },
  );
}

function Canvas({
  definition,
  positions,
  catalog = noCatalog,
  problems = noProblems,
  run = null,
  groups = none,
  notes = none,
  marks = noMarks,
  selection,
  onSelect,
  edits = null,
  onMenu,
  handle,
  empty,
}: WorkflowCanvasProps) {
  const region = useRef<HTMLElement>(null);
  const flow = useReactFlow<CanvasNode, TransitionEdge>();
  const editable = edits !== null;
  const touch = useTouch();
  const far = useStore(isFar);
  // An empty canvas must not jump when its first task is dropped.
  const [hadTasks] = useState(definition.tasks.length > 0);
  const decorated = useRef<{ decor: Decor; positions: Positions }>({ decor: noDecor, positions });
  const { moving, chosen, choose, ...changes } = useFlowChanges(
    region,
    selection,
    onSelect,
    edits,
    decorated,
  );
  const connections = useConnections(edits);
  useCanvasClipboard(region, chosen, edits, flow.screenToFlowPosition);
  const places = useMemo(() => (moving ? { ...positions, ...moving } : positions), [positions, moving]);
  const [makeNodes] = useState(nodeMaker);
  const [makeEdges] = useState(edgeMaker);
  const [makeDecor] = useState(decorMaker);
  const tasks = useMemo(() => new Set(definition.tasks.map(({ name }) => name)), [definition]);
  const decor = useMemo(
    () => makeDecor({ groups, notes, tasks, positions: places, editable }),
    [makeDecor, groups, notes, tasks, places, editable],
  );
  useEffect(() => {
    decorated.current = { decor, positions: places };
  }, [decor, places]);
  const input: GraphInput = {
    definition,
    positions: places,
    catalog,
    problems,
    run,
    marks,
    selection,
    editable,
    behind: decor.nodes,
    inside: decor.inside,
  };
  const nodes = makeNodes(input);
  const edges = makeEdges(input);

  useImperativeHandle(
    handle,
    () => ({
      show: (task) => {
        const at = flow.getNode(task)?.position;
        const box = region.current?.getBoundingClientRect();
        if (!at || !box) return;
        const corner = flow.flowToScreenPosition(at);
        const opposite = flow.flowToScreenPosition({ x: at.x + card.width, y: at.y + card.height });
        const inView =
          corner.x > box.left && corner.y > box.top && opposite.x < box.right && opposite.y < box.bottom;
        if (inView) return;
        void flow.setCenter(at.x + card.width / 2, at.y + card.height / 2, {
          zoom: flow.getZoom(),
          duration: 200,
        });
      },
      center: () => middleOf(region.current, flow),
    }),
    [flow],
  );

  useCanvasKeys(region, {
    selectAll: () => choose({ tasks: definition.tasks.map(({ name }) => name), transition: null }),
    selectNothing: () => choose(nothingSelected),
    remove: edits ? (reconnect) => edits.remove(chosen.current, { reconnect }) : null,
    duplicate: edits ? () => edits.duplicate(chosen.current.tasks) : null,
    insert: edits ? () => insertIntoChosen(chosen.current) : null,
  });

  /** Asks what to put into the chosen transition, at its middle. */
  const insertIntoChosen = ({ transition }: CanvasSelection): boolean => {
    const line = edges.find(
      ({ data }) => data?.task === transition?.task && data?.index === transition?.index,
    );
    const drawn =
      line && region.current?.querySelector(`g.transition[data-transition="${CSS.escape(line.id)}"]`);
    if (!edits || !line?.data || !drawn) return false;
    const { x, y, width, height } = drawn.getBoundingClientRect();
    const middle = { x: x + width / 2, y: y + height / 2 };
    const { task, index, target } = line.data;
    edits.insertInto({ task, index, target }, flow.screenToFlowPosition(middle), middle);
    return true;
  };
  /** What is pressed is what the menu is about. */
  const openMenu = useCallback(
    (element: Element, screen: Point) => {
      const task = element.closest<HTMLElement>('.react-flow__node-task')?.dataset['id'];
      const line = element.closest<HTMLElement | SVGElement>('[data-transition]')?.dataset['transition'];
      const data = flow.getEdge(line ?? '')?.data;
      if (task && !chosen.current.tasks.includes(task)) choose({ tasks: [task], transition: null });
      else if (data) choose({ tasks: [], transition: { task: data.task, index: data.index } });
      onMenu?.(screen, flow.screenToFlowPosition(screen));
    },
    [chosen, choose, flow, onMenu],
  );
  const menuRequests = useMenuRequests(onMenu ? openMenu : null);

  const onPaneClick = useCallback(() => region.current?.focus({ preventScroll: true }), []);
  const onMoveStart = useCallback(() => region.current?.setAttribute('data-panning', ''), []);
  const onMoveEnd = useCallback(() => region.current?.removeAttribute('data-panning'), []);
  const lineEdits = useMemo(
    () =>
      edits
        ? {
            insertInto: edits.insertInto,
            remove: edits.remove,
            changeGroup: edits.changeGroup,
            changeNote: edits.changeNote,
          }
        : null,
    [edits],
  );

  return (
    <section
      ref={region}
      aria-label={strings.region}
      tabIndex={-1}
      className="workflow-canvas"
      data-far={far || undefined}
      data-shows-run={run !== null || undefined}
      {...menuRequests}
      onDragOver={(event) => {
        if (!edits || !readDraggedAction(event.dataTransfer, true)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        markDropTarget(region.current, event);
      }}
      onDragLeave={() => markDropTarget(region.current, null)}
      onDrop={(event) => {
        markDropTarget(region.current, null);
        const action = readDraggedAction(event.dataTransfer, false);
        if (!edits || !action) return;
        event.preventDefault();
        const screen = { x: event.clientX, y: event.clientY };
        const point = flow.screenToFlowPosition(screen);
        const at = { x: point.x - card.width / 2, y: point.y - card.height / 2 };
        const data = flow.getEdge(dropTargetAt(event) ?? '')?.data;
        if (data) {
          const { task, index, target } = data;
          edits.splice(action, { task, index, target }, at, screen);
        } else edits.drop(action, at, screen);
      }}
    >
      <FarAway value={far}>
        <LineEdits value={lineEdits}>
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            edgeTypes={edgeTypes}
            {...changes}
            {...connections}
            onMoveStart={onMoveStart}
            onMoveEnd={onMoveEnd}
            onPaneClick={onPaneClick}
            connectionLineComponent={ConnectionLine}
            connectionRadius={28}
            connectOnClick={editable}
            nodesDraggable={editable}
            nodesConnectable={editable}
            edgesReconnectable={false}
            deleteKeyCode={null}
            snapToGrid
            snapGrid={snapGrid}
            nodeDragThreshold={3}
            multiSelectionKeyCode={multiSelectionKeys}
            selectionKeyCode={null}
            selectionOnDrag={editable && !touch}
            selectionMode={SelectionMode.Partial}
            panOnDrag={editable && !touch ? panButtons : true}
            panOnScroll
            zoomOnDoubleClick={false}
            minZoom={0.1}
            maxZoom={2}
            fitView={hadTasks}
            fitViewOptions={fitOptions}
            onlyRenderVisibleElements={definition.tasks.length > manyTasks}
            ariaLabelConfig={ariaLabels}
          >
            <ArrowHeads />
            <TappedConnection />
            <Background variant={BackgroundVariant.Dots} gap={grid * 2} size={1.2} className="canvas-dots" />
            <MiniMap
              style={minimapStyle}
              pannable
              zoomable
              className="canvas-minimap"
              nodeClassName={minimapClass}
              nodeBorderRadius={8}
            />
            <CanvasControls
              tidy={edits ? () => edits.tidy(chosen.current.tasks) : null}
              onMenu={onMenu ? (screen) => onMenu(screen, middleOf(region.current, flow)) : null}
            />
          </ReactFlow>
        </LineEdits>
      </FarAway>
      {definition.tasks.length === 0 ? <div className="canvas-empty">{empty ?? strings.noTasks}</div> : null}
    </section>
  );
}
