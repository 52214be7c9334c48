import { notFound } from 'next/navigation';
import { ExecutionPage } from '@/components/executions/execution-page';

export const metadata = { title: 'Execution' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  if (!/^[1-9]\d{0,15}$/.test(id)) notFound();
  return <ExecutionPage key={id} id={Number(id)} />;
}
