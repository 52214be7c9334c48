import { PackPage } from '@/components/packs/pack-page';

export const metadata = { title: 'Pack' };

export default async function Page({ params }: { params: Promise<{ ref: string }> }) {
  const { ref } = await params;
  return <PackPage packRef={decodeURIComponent(ref)} />;
}
