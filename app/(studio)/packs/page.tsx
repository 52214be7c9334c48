import { PacksPage } from '@/components/packs/packs-page';

export const metadata = { title: 'Packs' };

export default function Page() {
  return <PacksPage />;
}
