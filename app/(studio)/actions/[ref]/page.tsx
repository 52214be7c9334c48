import { ActionPage } from '@/components/actions/action-page';

export const metadata = { title: 'Action' };

export default async function Page({ params }: { params: Promise<{ ref: string }> }) {
  const { ref } = await params;
  return <ActionPage actionRef={decodeURIComponent(ref)} />;
}
