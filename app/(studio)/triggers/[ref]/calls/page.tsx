import { CallsPage } from '@/components/triggers/calls-page';

export const metadata = { title: 'Calls' };

export default async function Page({ params }: { params: Promise<{ ref: string }> }) {
  const { ref } = await params;
  return <CallsPage triggerRef={decodeURIComponent(ref)} />;
}
