'use client';

import { useQuery } from '@tanstack/react-query';
import { PackageOpen, Upload } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { EmptyState } from '@/components/ui/empty-state';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { Tabs } from '@/components/ui/tabs';
import { useUrlState } from '@/components/ui/use-url-state';
import { InstallPackDialog } from './install-pack-dialog';
import { PackConfig } from './pack-config';
import { PackEnvironments } from './pack-environments';
import { PackFiles } from './pack-files';

const text = strings.packDetails;
type Pack = RouterOutputs['packs']['get'];

/** One pack: what it holds, its files, its configuration, its environments, and what is wrong in its files. */
export function PackPage({ packRef }: { packRef: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.packs.get.queryOptions({ ref: packRef }));
  const [tab, setTab] = useUrlState('tab', 'contents');
  const [isInstalling, setInstalling] = useState(false);
  return (
    <QueryState query={query}>
      {(pack) => (
        <>
          <PageHeader
            title={pack.label}
            breadcrumbs={[{ label: strings.nav.packs, href: '/packs' }, { label: pack.ref }]}
            description={pack.description || toOrigin(pack)}
            actions={
              pack.mayInstall ? (
                <Button icon={<Upload />} onClick={() => setInstalling(true)}>
                  {text.update}
                </Button>
              ) : null
            }
          />
          <div className="px-4 pb-10 md:px-6">
            <Tabs
              label={text.tabs}
              value={tab}
              onValueChange={setTab}
              tabs={[
                { value: 'contents', label: text.contents, content: <Contents pack={pack} /> },
                { value: 'files', label: text.files, content: <PackFiles packRef={pack.ref} /> },
                {
                  value: 'configuration',
                  label: text.configuration,
                  content: <PackConfig key={pack.updated} pack={pack} />,
                },
                {
                  value: 'environments',
                  label: text.environments,
                  content: <PackEnvironments packRef={pack.ref} mayRebuild={pack.mayConfigure} />,
                },
                {
                  value: 'problems',
                  label: text.problems,
                  count: pack.problems.length > 0 ? pack.problems.length : undefined,
                  content: <Problems problems={pack.problems} />,
                },
              ]}
            />
          </div>
          {isInstalling ? <InstallPackDialog onClose={() => setInstalling(false)} /> : null}
        </>
      )}
    </QueryState>
  );
}

function toOrigin({ version, origin }: Pack): string {
  const from = origin
    ? ` · ${text.origins[origin.kind]} ${origin.from}${origin.ref ? ` (${origin.ref})` : ''}`
    : '';
  return `${text.version} ${version}${from}`;
}

const places = {
  actions: '/actions',
  workflows: '/workflows',
  triggers: '/triggers',
  sensors: '/sensors',
  rules: '/rules',
  queues: '/queues',
} as const;

function Contents({ pack }: { pack: Pack }) {
  const kinds = (['actions', 'workflows', 'triggers', 'sensors', 'rules', 'queues'] as const).filter(
    (kind) => pack.components[kind].length > 0,
  );
  if (kinds.length === 0) return <EmptyState compact icon={<PackageOpen />} title={text.noContents} />;
  return (
    <div className="grid gap-6 pt-4 lg:grid-cols-2">
      {kinds.map((kind) => (
        <section key={kind} aria-labelledby={`pack-${kind}`} className="space-y-2">
          <h2 id={`pack-${kind}`} className="text-base font-semibold">
            {text.kinds[kind]}
          </h2>
          <ul className="divide-y divide-border rounded-lg border border-border">
            {pack.components[kind].map(({ ref, label, isAdhoc }) => (
              <li key={ref} className="flex flex-wrap items-center gap-2 px-3 py-2">
                <Link className="font-medium hover:underline" href={`${places[kind]}/${ref}`}>
                  {ref}
                </Link>
                {label === ref ? null : <span className="text-text-2">{label}</span>}
                {isAdhoc && pack.origin ? <Badge>{text.adhoc}</Badge> : null}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Problems({ problems }: { problems: readonly string[] }) {
  if (problems.length === 0) return <p className="pt-4 text-text-2">{text.noProblems}</p>;
  return (
    <Callout kind="warning" title={text.problemsTitle(problems.length)} className="mt-4">
      <ul className="space-y-1 font-mono text-xs">
        {problems.map((problem, index) => (
          <li key={index} className="break-words">
            {problem}
          </li>
        ))}
      </ul>
    </Callout>
  );
}
