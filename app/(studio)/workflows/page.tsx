import { WorkflowsPage } from '@/components/workflows/workflows-page';

export const metadata = { title: 'Workflows' };

export default function Page() {
  return <WorkflowsPage />;
}
