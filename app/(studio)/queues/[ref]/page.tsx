import { QueuePage } from '@/components/work-queues/queue-page';

export const metadata = { title: 'Queue' };

export default async function Page({ params }: { params: Promise<{ ref: string }> }) {
  const { ref } = await params;
  return <QueuePage queueRef={decodeURIComponent(ref)} />;
}
