import { PeoplePage } from '@/components/identities/people-page';

export const metadata = { title: 'People' };

export default function Page() {
  return <PeoplePage />;
}
