import { notFound } from 'next/navigation';
import { PersonPage } from '@/components/access/person-page';

export const metadata = { title: 'Person' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  if (!/^[1-9]\d{0,14}$/.test(id)) notFound();
  return <PersonPage id={Number(id)} />;
}
