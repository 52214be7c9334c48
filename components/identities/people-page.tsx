'use client';

import { Plus } from 'lucide-react';
import { useState } from 'react';
import { RolesTab } from '@/components/access/roles-tab';
import { SetsTab } from '@/components/access/sets-tab';
import { TeamsTab } from '@/components/access/teams-tab';
import { strings } from '@/components/strings';
import { Button } from '@/components/ui/button';
import { PageHeader } from '@/components/ui/page-header';
import { Tabs } from '@/components/ui/tabs';
import { useUrlState } from '@/components/ui/use-url-state';
import { PeopleList } from './people-list';

const text = strings.access;
const parts = {
  people: { Content: PeopleList, create: strings.people.create },
  teams: { Content: TeamsTab, create: text.teams.create },
  roles: { Content: RolesTab, create: text.roles.create },
  sets: { Content: SetsTab, create: text.setsPage.create },
} as const;
type Part = keyof typeof parts;

function isPart(value: string): value is Part {
  return value in parts;
}

/** Who may sign in, and what they may do: people, teams, roles and permission sets. */
export function PeoplePage() {
  const [tab, setTab] = useUrlState('tab', 'people');
  const [isMaking, setIsMaking] = useState(false);
  const shown = isPart(tab) ? tab : 'people';
  return (
    <>
      <PageHeader
        title={strings.people.title}
        description={strings.people.description}
        actions={
          <Button variant="primary" icon={<Plus />} onClick={() => setIsMaking(true)}>
            {parts[shown].create}
          </Button>
        }
      />
      <Tabs
        label={text.tabs.label}
        value={shown}
        onValueChange={setTab}
        tabs={Object.entries(parts).map(([value, { Content }]) => ({
          value,
          label: text.tabs[value as Part],
          content: (
            <div className="px-4 py-4 md:px-6">
              <Content isMaking={isMaking} onMade={() => setIsMaking(false)} />
            </div>
          ),
        }))}
      />
    </>
  );
}
