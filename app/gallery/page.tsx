'use client';

import { Activity, Download, Inbox, Pencil, Play, Plus, RotateCw, Search, Square, Trash2, Workflow, Zap } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Shell } from '@/components/shell/shell';
import { useCommands } from '@/components/shell/commands';
import { Avatar } from '@/components/ui/avatar';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Card } from '@/components/ui/card';
import { Checkbox } from '@/components/ui/checkbox';
import { CodeBlock } from '@/components/ui/code-block';
import { Combobox } from '@/components/ui/combobox';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Dialog } from '@/components/ui/dialog';
import { DropdownMenu } from '@/components/ui/dropdown-menu';
import { Duration } from '@/components/ui/duration';
import { EmptyState } from '@/components/ui/empty-state';
import { ErrorPanel } from '@/components/ui/error-panel';
import { Field } from '@/components/ui/field';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { JsonView } from '@/components/ui/json-view';
import { Kbd } from '@/components/ui/kbd';
import { KeyValue } from '@/components/ui/key-value';
import { PageHeader } from '@/components/ui/page-header';
import { Popover } from '@/components/ui/popover';
import { RadioGroup } from '@/components/ui/radio-group';
import { RelativeTime } from '@/components/ui/relative-time';
import { Select } from '@/components/ui/select';
import { Sheet } from '@/components/ui/sheet';
import { SkeletonRows } from '@/components/ui/skeleton';
import { SplitPane } from '@/components/ui/split-pane';
import { StatusBadge } from '@/components/ui/status-badge';
import { Switch } from '@/components/ui/switch';
import { Table } from '@/components/ui/table';
import { Tabs } from '@/components/ui/tabs';
import { Textarea } from '@/components/ui/textarea';
import { toast } from '@/components/ui/toast';

const states = ['requested', 'delayed', 'queued', 'scheduled', 'running', 'waiting', 'paused', 'canceling', 'completed', 'failed', 'timeout', 'cancelled', 'abandoned'];
const rows = states.map((state, i) => ({ id: 4300 + i, state, action: ['ops.deploy_region', 'disk.cleanup', 'ci.build', 'core.ask', 'report.send'][i % 5] ?? '', by: i % 3 ? 'disk.alert_rule' : 'Ada Lovelace', at: new Date(Date.now() - i * i * 420_000).toISOString() }));

export default function Page() {
  const [mounted, setMounted] = useState(false);
  useEffect(() => setMounted(true), []);
  if (!mounted) return null;
  return (
    <Shell person={{ displayName: 'Ada Lovelace', login: 'ada', tenantName: 'Northwind' }} counts={{ inbox: 3 }} can={() => true} onSignOut={() => undefined} liveState="live">
      <Gallery />
    </Shell>
  );
}

function Gallery() {
  const [text, setText] = useState('eu-west');
  const [state, setState] = useState('all');
  const [action, setAction] = useState<string | null>('ci.build');
  const [on, setOn] = useState(true);
  const [radio, setRadio] = useState('a');
  const [tab, setTab] = useState('output');
  const [dialog, setDialog] = useState(false);
  const [confirm, setConfirm] = useState(false);
  const [sheet, setSheet] = useState(false);
  useCommands([
    { id: 'new-workflow', group: 'create', label: 'New workflow', icon: <Plus />, run: () => undefined },
    { id: 'run-disk', group: 'run', label: 'disk.cleanup', description: 'Clean a full disk', icon: <Play />, run: () => undefined },
    { id: 'approve-1', group: 'approve', label: 'Delete 214 GB on db-07?', icon: <Inbox />, run: () => undefined },
  ]);
  return (
    <>
      <PageHeader
        title="disk.cleanup"
        breadcrumbs={[{ label: 'Executions', href: '/executions' }, { label: '#4312' }]}
        description={<span className="flex flex-wrap items-center gap-x-3 gap-y-1"><StatusBadge state="running" /><span>by disk.alert_rule</span><RelativeTime value={new Date(Date.now() - 125_000).toISOString()} /><Duration from={new Date(Date.now() - 125_000).toISOString()} to={null} /></span>}
        actions={<><Button variant="danger" icon={<Square />}>Cancel</Button><Button icon={<RotateCw />}>Rerun</Button><Button variant="primary" icon={<Play />}>Run</Button></>}
      />
      <div className="space-y-8 px-4 pb-10 md:px-6">
        <div className="flex flex-wrap items-center gap-2">
          <Select label="State" value={state} onValueChange={setState} options={[{ value: 'all', label: 'All' }, { value: 'running', label: 'Running' }, { value: 'x', label: 'Timed out', description: 'Did not end in time' }]} />
          <Input aria-label="Action" icon={<Search />} placeholder="Action…" className="w-56" />
          <DropdownMenu trigger={<Button icon={<Download />}>Export</Button>} items={[{ heading: 'As' }, { label: 'CSV', shortcut: 'mod+e', onSelect: () => toast.success('Exported 12 rows') }, { label: 'JSON', onSelect: () => toast.error('Could not export', { description: 'The file is larger than 50 MB. Narrow the filter.' }) }, 'separator', { label: 'Delete', danger: true, icon: <Trash2 /> }]} />
          <Popover label="More" trigger={<Button variant="ghost">Popover</Button>}>A small panel.</Popover>
          <Kbd keys="mod+k" /><Kbd keys="g h" /><Kbd keys="?" />
          <Button variant="primary" loading>Saving</Button><Button disabled>Disabled</Button><Button size="sm">Small</Button>
          <IconButton label="Edit" icon={<Pencil />} /><IconButton label="Delete" icon={<Trash2 />} variant="danger" />
          <Button onClick={() => setDialog(true)}>Dialog</Button><Button onClick={() => setConfirm(true)}>Confirm</Button><Button onClick={() => setSheet(true)}>Sheet</Button>
        </div>
        <Table label="Executions" rows={rows} rowKey={(row) => row.id} rowHref={(row) => `/executions/${row.id}`} selectedKey={4304}
          columns={[
            { key: 'action', header: 'Action', cell: (row) => <>{row.action} <span className="font-normal text-text-3">#{row.id}</span></> },
            { key: 'state', header: 'State', cell: (row) => <StatusBadge state={row.state} /> },
            { key: 'cause', header: 'Cause', cell: (row) => <span className="text-text-2">{row.by}</span>, hideBelow: 'md' },
            { key: 'when', header: 'Asked', cell: (row) => <span className="text-text-2"><RelativeTime value={row.at} /></span>, hideBelow: 'sm' },
            { key: 'duration', header: 'Duration', align: 'right', cell: (row) => <Duration from={row.at} to={new Date(Date.parse(row.at) + 84_000).toISOString()} />, hideBelow: 'sm' },
          ]} />
        <div className="grid gap-4 md:grid-cols-2">
          <Card title="Inputs" description="What the action is given.">
            <div className="space-y-4">
              <Field label="Region" required hint="Where the disks are."><Input value={text} onChange={(e) => setText(e.target.value)} /></Field>
              <Field label="Threshold" error="120 is over the limit of 100. Choose a percentage."><Input value="120" readOnly mono /></Field>
              <Field label="Action"><Combobox value={action} onValueChange={setAction} clearable options={[{ value: 'ci.build', label: 'ci.build', description: 'Build an image', group: 'ci' }, { value: 'core.ask', label: 'core.ask', description: 'Ask a person', group: 'core' }, { value: 'core.echo', label: 'core.echo', group: 'core' }]} /></Field>
              <Field label="Note" optional><Textarea placeholder="Why" /></Field>
              <Checkbox label="Only what is older than a week" description="Newer files stay." checked={on} onCheckedChange={setOn} />
              <Checkbox label="Some" checked="indeterminate" onCheckedChange={() => undefined} />
              <Switch label="Rule is on" description="It takes part at once." checked={on} onCheckedChange={setOn} />
              <RadioGroup label="On timeout" value={radio} onValueChange={setRadio} options={[{ value: 'a', label: 'Use the default answer', description: 'Rejected' }, { value: 'b', label: 'Fail' }]} />
            </div>
          </Card>
          <div className="space-y-4">
            <Callout kind="info" title="Will be rejected at 17:00">Nobody has answered yet.</Callout>
            <Callout kind="success">Published as revision 7.</Callout>
            <Callout kind="warning" title="One approval leads nowhere" repair="Add a transition for “no”.">Task approve.</Callout>
            <Callout kind="error" title="python: no such file" repair="Install Python 3 on the worker, or choose another runtime.">worker-1, task check</Callout>
            <JsonView label="Result" value={{ ok: true, freed_gb: 214, hosts: ['db-07', 'db-08'], nested: { a: { b: { c: null } } }, log: 'line one\nline two', items: Array.from({ length: 120 }, (_, i) => i) }} />
            <KeyValue items={[{ label: 'Action', value: 'disk.cleanup' }, { label: 'Worker', value: 'worker-1', mono: true }, { label: 'Revision', value: 7 }]} />
          </div>
        </div>
        <div className="grid gap-4 md:grid-cols-3">
          <Card href="/workflows" title="Disk alert" description="Webhook, check, approval, clean-up, report."><div className="flex gap-1.5"><Badge tone="accent" icon={<Zap />}>webhook</Badge><Badge>5 tasks</Badge><Badge tone="waiting">approval</Badge></div></Card>
          <Card title="People" footer="Seen 4 min ago"><div className="flex items-center gap-2"><Avatar name="Ada Lovelace" /><Avatar name="Grace Hopper" /><Avatar name="Linus" size="sm" /><Avatar name="Margaret H" size="lg" /></div></Card>
          <Card title="Loading"><SkeletonRows rows={3} /></Card>
        </div>
        <Card padded={false}>
          <Tabs label="Detail" value={tab} onValueChange={setTab} tabs={[{ value: 'output', label: 'Output', content: <div className="p-4"><CodeBlock label="stdout" language="text" lineNumbers code={'Filesystem      Size  Used Avail Use%\n/dev/nvme0n1p1  460G  431G   29G  94%'} /></div> }, { value: 'log', label: 'Log', count: 128, icon: <Activity />, content: <div className="bg-surface-code p-4 font-mono text-xs"><span className="ansi-red-fg">red</span> <span className="ansi-green-fg">green</span> <span className="ansi-yellow-fg">yellow</span> <span className="ansi-blue-fg">blue</span> <span className="ansi-magenta-fg">magenta</span> <span className="ansi-cyan-fg">cyan</span></div> }, { value: 'input', label: 'Input', content: 'x' }]} />
        </Card>
        <div className="h-48 rounded-lg border border-border"><SplitPane label="tree" defaultSize={220} min={120} max={400} start={<div className="p-3">Tree</div>} end={<div className="p-3">Detail</div>} /></div>
        <div className="grid gap-4 md:grid-cols-2">
          <Card><EmptyState icon={<Workflow />} title="No workflows yet" description="Make one from actions, or look at the example pack." action={<><Button variant="primary" icon={<Plus />}>New workflow</Button><Button>Example</Button></>} /></Card>
          <Card><ErrorPanel what="The studio does not answer." where="GET /trpc/executions.list" repair="Check that it is running." onRetry={() => undefined} detail="ECONNREFUSED 127.0.0.1:3000" /></Card>
        </div>
        <div className="prose-attune max-w-xl"><h2>Delete 214 GB on db-07?</h2><p>The disk is <strong>94 %</strong> full, see <a href="#x">the report</a>. It runs <code>rm -r /var/cache</code>.</p><ul><li>one</li><li>two</li></ul></div>
      </div>
      <Dialog open={dialog} onOpenChange={setDialog} title="New workflow" description="It starts as a draft." footer={<><Button onClick={() => setDialog(false)}>Cancel</Button><Button variant="primary">Create</Button></>}><Field label="Name" required><Input /></Field></Dialog>
      <ConfirmDialog open={confirm} onOpenChange={setConfirm} title="Delete disk.cleanup?" description="Its 12 runs stay. This cannot be undone." confirmLabel="Delete workflow" confirmWord="disk.cleanup" onConfirm={() => new Promise((r) => setTimeout(r, 800))} />
      <Sheet open={sheet} onOpenChange={setSheet} title="Event #812" description="webhook disk.alert" footer={<Button>Replay</Button>}>Body</Sheet>
    </>
  );
}
