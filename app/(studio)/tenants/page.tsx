import { TenantsPage } from '@/components/tenants/tenants-page';

export const metadata = { title: 'Tenants' };

export default function Page() {
  return <TenantsPage />;
}
