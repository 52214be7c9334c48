import { QueuesPage } from '@/components/work-queues/queues-page';

export const metadata = { title: 'Queues' };

export default function Page() {
  return <QueuesPage />;
}
