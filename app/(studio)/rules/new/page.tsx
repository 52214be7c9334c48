import { NewRulePage } from '@/components/rules/rule-page';

export const metadata = { title: 'New rule' };

export default function Page() {
  return <NewRulePage />;
}
