import { Suspense } from 'react';
import { SignInPage } from '@/components/identities/sign-in-page';

export const metadata = { title: 'Sign in' };

export default function Page() {
  // The address says what went wrong elsewhere.
  return (
    <Suspense>
      <SignInPage />
    </Suspense>
  );
}
