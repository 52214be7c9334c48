'use client';

import { useQuery } from '@tanstack/react-query';
import { FileUp, Plus, Search, Workflow as WorkflowIcon } from 'lucide-react';
import { useState } from 'react';
import { useCommands } from '@/components/shell/commands';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { Input } from '@/components/ui/input';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Table } from '@/components/ui/table';
import { useUrlState } from '@/components/ui/use-url-state';
import { importing } from '../strings/importing';
import { workflows as strings } from '../strings/workflows';
import { useTRPC, type RouterOutputs } from '../trpc';
import { CreateWorkflowDialog } from './create-workflow-dialog';
import { ImportWorkflowDialog } from './import-workflow-dialog';

type Summary = RouterOutputs['workflows']['list'][number];

/** Every workflow that the person may see, and the way to a new one. */
export function WorkflowsPage() {
  const trpc = useTRPC();
  const query = useQuery(trpc.workflows.list.queryOptions());
  const [search, setSearch] = useUrlState('q', '');
  const [creating, setCreating] = useState(false);
  const [isImporting, setImporting] = useState(false);
  const create = () => setCreating(true);
  useCommands([
    { id: 'create-workflow', group: 'create', label: strings.create, icon: <WorkflowIcon />, run: create },
  ]);
  return (
    <>
      <PageHeader
        title={strings.title}
        description={strings.description}
        actions={
          <>
            <Button icon={<FileUp />} onClick={() => setImporting(true)}>
              {importing.button}
            </Button>
            <Button variant="primary" icon={<Plus />} onClick={create}>
              {strings.create}
            </Button>
          </>
        }
      />
      <QueryState query={query}>
        {(workflows) =>
          workflows.length === 0 ? (
            <EmptyState
              icon={<WorkflowIcon />}
              title={strings.empty}
              description={strings.emptyHint}
              action={
                <Button variant="primary" icon={<Plus />} onClick={create}>
                  {strings.create}
                </Button>
              }
            />
          ) : (
            <div className="space-y-4 px-4 pb-8 md:px-6">
              <Input
                type="search"
                icon={<Search />}
                className="max-w-xs"
                aria-label={strings.filter}
                placeholder={strings.filter}
                value={search}
                onChange={(event) => setSearch(event.target.value, { replace: true })}
              />
              <Table
                label={strings.list}
                rows={workflows.filter((workflow) => matches(workflow, search))}
                rowKey={(workflow) => workflow.ref}
                rowHref={(workflow) => `/workflows/${encodeURIComponent(workflow.ref)}`}
                empty={strings.noMatch}
                columns={[
                  {
                    key: 'name',
                    header: strings.name,
                    cell: (workflow) => <span className="font-medium">{workflow.label}</span>,
                  },
                  {
                    key: 'ref',
                    header: strings.ref,
                    hideBelow: 'md',
                    cell: (workflow) => <span className="font-mono text-xs text-text-2">{workflow.ref}</span>,
                  },
                  {
                    key: 'state',
                    header: strings.state,
                    cell: (workflow) => <Published workflow={workflow} />,
                  },
                  {
                    key: 'tasks',
                    header: strings.tasks,
                    align: 'right',
                    hideBelow: 'sm',
                    cell: (workflow) => workflow.tasks,
                  },
                  {
                    key: 'updated',
                    header: strings.updated,
                    hideBelow: 'sm',
                    cell: (workflow) => <RelativeTime value={workflow.updated} />,
                  },
                ]}
              />
            </div>
          )
        }
      </QueryState>
      {isImporting ? <ImportWorkflowDialog onClose={() => setImporting(false)} /> : null}
      {creating ? <CreateWorkflowDialog onClose={() => setCreating(false)} /> : null}
    </>
  );
}

function Published({ workflow: { published, hasChanges } }: { workflow: Summary }) {
  if (published === null) return <Badge>{strings.draft}</Badge>;
  return hasChanges ? (
    <Badge tone="info">{strings.changed(published)}</Badge>
  ) : (
    <Badge tone="success">{strings.published(published)}</Badge>
  );
}

function matches({ ref, label, description }: Summary, search: string): boolean {
  const text = `${ref} ${label} ${description}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
