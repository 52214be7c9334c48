import { KeysPage } from '@/components/keys/keys-page';

export const metadata = { title: 'Datastore' };

export default function Page() {
  return <KeysPage />;
}
