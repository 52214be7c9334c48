import { RulesPage } from '@/components/rules/rules-page';

export const metadata = { title: 'Rules' };

export default function Page() {
  return <RulesPage />;
}
