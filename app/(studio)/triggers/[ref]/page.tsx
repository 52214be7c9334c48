import { TriggerPage } from '@/components/triggers/trigger-page';

export const metadata = { title: 'Trigger' };

export default async function Page({ params }: { params: Promise<{ ref: string }> }) {
  const { ref } = await params;
  return <TriggerPage triggerRef={decodeURIComponent(ref)} />;
}
