import { InboxPage } from '@/components/inquiries/inbox-page';

export const metadata = { title: 'Inbox' };

export default function Page() {
  return <InboxPage />;
}
