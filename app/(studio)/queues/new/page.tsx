import { NewQueuePage } from '@/components/work-queues/new-queue-page';

export const metadata = { title: 'New queue' };

export default function Page() {
  return <NewQueuePage />;
}
