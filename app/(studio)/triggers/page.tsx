import { TriggersPage } from '@/components/triggers/triggers-page';

export const metadata = { title: 'Triggers' };

export default function Page() {
  return <TriggersPage />;
}
