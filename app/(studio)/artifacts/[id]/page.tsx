import { notFound } from 'next/navigation';
import { ArtifactPage } from '@/components/artifacts/artifact-page';

export const metadata = { title: 'Artifact' };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  if (!/^[1-9]\d{0,15}$/.test(id)) notFound();
  return <ArtifactPage id={Number(id)} />;
}
