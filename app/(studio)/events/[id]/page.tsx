import { notFound } from 'next/navigation';
import { EventPage } from '@/components/events/event-page';

export const metadata = { title: 'Event' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  if (!/^[1-9]\d{0,15}$/.test(id)) notFound();
  return <EventPage id={Number(id)} />;
}
