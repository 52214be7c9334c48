'use client';

import { useQuery } from '@tanstack/react-query';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Card } from '@/components/ui/card';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { Table } from '@/components/ui/table';
import { useUrlState } from '@/components/ui/use-url-state';

const text = strings.settings;

/** The settings in effect, with the variable that sets each. */
export function SettingsPage() {
  const trpc = useTRPC();
  const query = useQuery(trpc.settings.list.queryOptions());
  const [sought, setSought] = useUrlState('search', '');
  const fits = ({ name, description }: { name: string; description: string }) =>
    `${name} ${description}`.toLowerCase().includes(sought.trim().toLowerCase());
  return (
    <>
      <PageHeader title={text.title} description={text.description} />
      <QueryState query={query}>
        {(settings) => (
          <div className="grid max-w-5xl gap-6 px-4 pb-10 md:px-6">
            <Field label={text.search} labelHidden>
              <Input
                type="search"
                value={sought}
                placeholder={text.search}
                onChange={(event) => setSought(event.target.value, { replace: true })}
              />
            </Field>
            {[...new Set(settings.filter(fits).map(({ group }) => group))].map((group) => (
              <Card key={group} title={text.groups[group]}>
                <Table
                  label={text.groups[group]}
                  rows={settings.filter((setting) => setting.group === group && fits(setting))}
                  rowKey={({ name }) => name}
                  columns={[
                    {
                      key: 'name',
                      header: text.name,
                      cell: ({ name, description }) => (
                        <span>
                          <span className="font-mono text-xs wrap-anywhere">{name}</span>
                          <span className="block text-xs text-text-2">{description}</span>
                        </span>
                      ),
                    },
                    {
                      key: 'value',
                      header: text.value,
                      width: '40%',
                      cell: ({ value, isSet }) => (
                        <span className="flex flex-wrap items-center gap-2">
                          <span className="wrap-anywhere">{value === '' ? text.none : value}</span>
                          <Badge tone={isSet ? 'info' : 'neutral'}>{isSet ? text.set : text.byDefault}</Badge>
                        </span>
                      ),
                    },
                  ]}
                />
              </Card>
            ))}
          </div>
        )}
      </QueryState>
    </>
  );
}
