'use client';

import { useCallback, useMemo, useRef, useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { Sheet } from '@/components/ui/sheet';
import { SplitPane } from '@/components/ui/split-pane';
import type { CatalogEntry } from '../canvas/view';
import { WorkflowCanvas, type CanvasHandle } from '../canvas/workflow-canvas';
import { studio as strings } from '../strings/studio';
import { versions } from '../strings/versions';
import { ActionPicker } from './action-picker';
import { CanvasMenu, type MenuRequest } from './canvas-menu';
import { ConnectDialog } from './connect-dialog';
import { controlSteps } from './control-steps';
import { EditorProvider } from './editor-provider';
import { EmptyCanvas } from './empty-canvas';
import { ExtractDialog } from './extract-dialog';
import { FindBar } from './find-bar';
import { placeAfter } from './insert';
import { Inspector } from './inspector';
import { MergeDialog } from './merge-dialog';
import { Outline } from './outline';
import { Palette } from './palette';
import { ProblemsPanel } from './problems-panel';
import { PublishDialog } from './publish-dialog';
import { useRecentActions } from './recent-actions';
import { RevisionsSheet } from './revisions-sheet';
import { RunDialog } from './run-dialog';
import type { Workflow } from './studio-context';
import { Toolbar } from './toolbar';
import { connected, useCanvasEdits } from './use-canvas-edits';
import { useEditorShortcuts } from './use-editor-shortcuts';
import { useNarrow } from './use-narrow';
import { useViews, ViewSwitch } from './view-switch';
import { YamlPane } from './yaml-pane';
import type { Only } from './use-draft-run';
import { useRunInPlace } from './use-run-in-place';
import { useStudioState } from './use-studio-state';

const none: readonly never[] = [];
type Overlay = 'palette' | 'inspector' | 'revisions' | 'publish' | 'run' | 'connect' | null;

/** The workflow editor: palette, canvas, inspector, and the dialogs of the whole. */
export function WorkflowEditor({
  workflow,
  actions: everyAction,
  onViewRevision,
  onCompare,
}: {
  workflow: Workflow;
  actions: readonly CatalogEntry[];
  onViewRevision: (number: number) => void;
  onCompare: (from: string, to: string) => void;
}) {
  const readOnly = !workflow.mayEdit;
  const studio = useStudioState(workflow, everyAction, readOnly);
  // A workflow that runs itself is hardly ever meant.
  const actions = useMemo(
    () => everyAction.filter(({ ref }) => ref !== workflow.ref),
    [everyAction, workflow.ref],
  );
  const choices = useMemo(() => [...controlSteps, ...actions], [actions]);
  const { draft, selection, select, edit, insert, latest } = studio;
  const narrow = useNarrow();
  const canvas = useRef<CanvasHandle>(null);
  const search = useRef<HTMLInputElement>(null);
  const taskName = useRef<HTMLInputElement>(null);
  const [overlay, setOverlay] = useState<Overlay>(null);
  const [putsOffConflict, setPutsOffConflict] = useState(false);
  const [showsProblems, setShowsProblems] = useState(false);
  const [recent, remember] = useRecentActions();
  const views = useViews();
  // Beside the text there is hardly room for it.
  const hidesPalette = narrow || views.showsYaml;
  const [finds, setFinds] = useState(false);
  const [menu, setMenu] = useState<MenuRequest | null>(null);
  const [only, setOnly] = useState<Only | undefined>();
  const askForInputs = (part?: Only) => {
    setOnly(part);
    setOverlay('run');
  };
  const place = useRunInPlace(studio, askForInputs);
  const [extracting, setExtracting] = useState<readonly string[] | null>(null);

  const insertRemembered = useCallback<typeof insert>(
    (actionRef, place) => {
      remember(actionRef);
      insert(actionRef, place);
    },
    [insert, remember],
  );
  const { edits, insertAfter, put, picker, closePicker } = useCanvasEdits({
    latest,
    edit,
    insert: insertRemembered,
    select,
  });
  const chosen =
    selection.tasks.length === 1 ? (selection.tasks[0] ?? null) : (selection.transition?.task ?? null);

  const insertFromPalette = useCallback(
    (actionRef: string) => {
      const free = canvas.current?.center() ?? { x: 0, y: 0 };
      put(actionRef, placeAfter(latest(), selection, free), { x: innerWidth / 2, y: innerHeight / 3 });
      setOverlay(null);
      setTimeout(() => {
        const added = latest().definition.tasks.at(-1);
        if (added) canvas.current?.show(added.name);
      });
    },
    [selection, put, latest],
  );
  const removeChosen = () => edits.remove(selection);
  const goTo: typeof studio.goTo = (problem) => {
    studio.goTo(problem);
    if (narrow) setOverlay('inspector');
    if (problem.task) canvas.current?.show(problem.task);
  };
  const rename = () => {
    // Its field is in the inspector, which is not there yet on a narrow screen.
    if (narrow) flushSync(() => setOverlay('inspector'));
    setTimeout(() => taskName.current?.select());
  };
  const openPalette = () => {
    if (hidesPalette) setOverlay('palette');
    else search.current?.focus();
  };
  useEditorShortcuts({
    studio,
    chosen,
    openPalette,
    connect: () => setOverlay('connect'),
    rename,
    run: () => askForInputs(),
    find: () => setFinds(true),
    group: () => edits.group(selection.tasks),
  });

  const paletteView = (
    <Palette
      actions={choices}
      recent={recent}
      onInsert={insertFromPalette}
      {...(hidesPalette ? {} : { searchRef: search })}
    />
  );
  const inspectorView = <Inspector nameRef={taskName} onRemove={removeChosen} />;
  const canvasView = (
    <div className="flex h-full min-h-0 min-w-0 flex-col">
      {place.bar}
      {finds ? (
        <FindBar onShow={(task) => canvas.current?.show(task)} onClose={() => setFinds(false)} />
      ) : null}
      <div className="min-h-0 flex-1">
        {besideYaml(
          views.view === 'outline' ? (
            <Outline
              edits={readOnly ? null : edits}
              marks={place.marks}
              onInsertAfter={insertAfter}
              onMenu={(screen) => setMenu({ screen, at: null })}
            />
          ) : (
            <WorkflowCanvas
              handle={canvas}
              definition={draft.definition}
              positions={draft.positions}
              groups={draft.groups ?? none}
              notes={draft.notes ?? none}
              catalog={studio.catalog}
              problems={studio.problemCounts}
              run={place.overlay}
              marks={place.marks}
              selection={selection}
              onSelect={select}
              edits={readOnly ? null : edits}
              onMenu={(screen, at) => setMenu({ screen, at })}
              empty={readOnly ? undefined : <EmptyCanvas />}
            />
          ),
          views.showsYaml,
          narrow,
        )}
      </div>
      {showsProblems ? <ProblemsPanel onClose={() => setShowsProblems(false)} /> : null}
    </div>
  );
  return (
    <EditorProvider
      studio={{ ...studio, insert: insertRemembered, goTo }}
      runs={{ ...place.runs, extract: readOnly ? undefined : setExtracting }}
    >
      <div className="flex h-full min-h-0 flex-col">
        <Toolbar
          narrow={narrow}
          hidesPalette={hidesPalette}
          views={<ViewSwitch {...views} />}
          onProblems={() => setShowsProblems((shown) => !shown)}
          onRevisions={() => setOverlay('revisions')}
          onPublish={() => setOverlay('publish')}
          onRun={() => askForInputs()}
          onRunAgain={() => place.again()}
          onDryRun={place.startDry}
          onPalette={openPalette}
          onInspector={() => setOverlay('inspector')}
          onConflict={() => setPutsOffConflict(false)}
        />
        <div className="flex min-h-0 flex-1">
          {hidesPalette || readOnly ? null : (
            <div className="w-60 shrink-0 border-r border-border">{paletteView}</div>
          )}
          {narrow ? (
            <div className="min-w-0 flex-1">{canvasView}</div>
          ) : (
            <div className="min-w-0 flex-1">
              <SplitPane
                label={strings.inspector.title}
                start={canvasView}
                end={inspectorView}
                fixed="end"
                defaultSize={360}
                min={280}
                max={640}
                storageKey="attune.inspector"
                stackBelow={false}
              />
            </div>
          )}
        </div>
      </div>
      {hidesPalette && overlay === 'palette' ? (
        <Sheet open onOpenChange={() => setOverlay(null)} side="left" title={strings.palette.title}>
          {paletteView}
        </Sheet>
      ) : null}
      {narrow && overlay === 'inspector' ? (
        <Sheet open onOpenChange={() => setOverlay(null)} title={strings.inspector.title}>
          {inspectorView}
        </Sheet>
      ) : null}
      {overlay === 'revisions' ? (
        <RevisionsSheet
          onClose={() => setOverlay(null)}
          onView={onViewRevision}
          onCompare={onCompare}
          onRestored={(restored, number) => {
            studio.adopt(restored, strings.steps.restore(number));
            setOverlay(null);
          }}
        />
      ) : null}
      {overlay === 'publish' ? <PublishDialog onClose={() => setOverlay(null)} /> : null}
      {overlay === 'run' ? (
        <RunDialog
          only={only}
          onClose={() => setOverlay(null)}
          onStarted={(id) => {
            setOverlay(null);
            place.watch(id);
          }}
        />
      ) : null}
      {overlay === 'connect' && chosen ? (
        <ConnectDialog
          from={chosen}
          definition={draft.definition}
          catalog={studio.catalog}
          onClose={() => setOverlay(null)}
          onConnect={(exit, to) => {
            edit(strings.steps.connect(chosen, to), (before) => connected(before, chosen, exit, to));
            setOverlay(null);
          }}
        />
      ) : null}
      {menu ? (
        <CanvasMenu
          request={menu}
          edits={readOnly ? null : edits}
          onConnect={() => setOverlay('connect')}
          onRename={rename}
          onClose={() => setMenu(null)}
        />
      ) : null}
      {picker ? (
        <ActionPicker
          key={picker.ofWorkflows ? 'workflows' : 'all'}
          at={picker.screen}
          actions={picker.ofWorkflows ? actions.filter(({ runtime }) => runtime === 'workflow') : choices}
          recent={recent}
          words={picker.ofWorkflows ? strings.workflowPicker : strings.picker}
          onClose={closePicker}
          onPick={(actionRef) => {
            closePicker();
            put(actionRef, picker.place, picker.screen);
          }}
        />
      ) : null}
      {studio.save.name === 'stale' && !putsOffConflict ? (
        <MergeDialog
          base={studio.autosave.base.definition}
          onClose={() => setPutsOffConflict(true)}
          onMerged={(theirs, merged) => studio.mergeWith(theirs, merged, versions.merge.step)}
        />
      ) : null}
      {place.dialog}
      {extracting ? <ExtractDialog tasks={extracting} onClose={() => setExtracting(null)} /> : null}
    </EditorProvider>
  );
}

/** On a narrow screen there is no beside: the text takes the place. */
function besideYaml(view: ReactNode, showsYaml: boolean, narrow: boolean): ReactNode {
  if (!showsYaml) return view;
  if (narrow) return <YamlPane />;
  return (
    <SplitPane
      label={strings.yaml.title}
      start={view}
      end={<YamlPane />}
      fixed="end"
      defaultSize={400}
      min={240}
      max={900}
      storageKey="attune.yaml"
      stackBelow={false}
    />
  );
}
