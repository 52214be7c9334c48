import { ActionsPage } from '@/components/actions/actions-page';

export const metadata = { title: 'Actions' };

export default function Page() {
  return <ActionsPage />;
}
