'use client';

import { useQuery } from '@tanstack/react-query';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Card } from '@/components/ui/card';
import { KeyValue } from '@/components/ui/key-value';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { PasswordForm } from './password-form';
import { OwnTenants } from './own-tenants';
import { Sessions } from './sessions';
import { Tokens } from './tokens';

const text = strings.account;

/** Who one is here, and what one may change about it oneself. */
export function AccountPage() {
  const trpc = useTRPC();
  const query = useQuery(trpc.auth.me.queryOptions());
  return (
    <>
      <PageHeader title={text.title} description={text.description} />
      <QueryState query={query}>
        {(me) =>
          me === null ? null : (
            <div className="grid max-w-4xl gap-6 px-4 pb-10 md:px-6">
              <Card title={me.displayName}>
                <KeyValue
                  items={[
                    { label: text.login, value: me.login },
                    { label: text.tenant, value: me.tenantName },
                    {
                      label: text.permissionSets,
                      value:
                        me.permissionSets.length === 0 ? (
                          text.noSets
                        ) : (
                          <span className="flex flex-wrap gap-1">
                            {me.permissionSets.map((ref) => (
                              <Badge key={ref}>{ref}</Badge>
                            ))}
                          </span>
                        ),
                    },
                  ]}
                />
              </Card>
              <Sessions />
              <OwnTenants />
              <PasswordForm />
              <Tokens />
            </div>
          )
        }
      </QueryState>
    </>
  );
}
