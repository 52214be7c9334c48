import { RulePage } from '@/components/rules/rule-page';

export const metadata = { title: 'Rule' };

export default async function Page({ params }: { params: Promise<{ ref: string }> }) {
  const { ref } = await params;
  return <RulePage ruleRef={decodeURIComponent(ref)} />;
}
