import { WorkflowPage } from '@/components/studio/workflow-page';

export async function generateMetadata({ params }: { params: Promise<{ ref: string }> }) {
  return { title: decodeURIComponent((await params).ref) };
}

export default async function Page({ params }: { params: Promise<{ ref: string }> }) {
  const ref = decodeURIComponent((await params).ref);
  return <WorkflowPage key={ref} workflowRef={ref} />;
}
