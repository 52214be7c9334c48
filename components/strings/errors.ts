/** Sentences for what went wrong, where no better one is known. */
export const errors = {
  title: 'This did not work',
  where: 'Where',
  repair: 'What to do',
  detail: 'Details',
  notFoundTitle: 'There is no such page',
  notFound: 'The address may be mistyped, or what stood here was deleted or renamed.',
  goHome: 'Go to the home page',
  pageTitle: 'This page broke',
  page: 'Something in the studio itself failed while it drew this page. Your work on the server is safe.',
  pageRepair: 'Try again. If it comes back, give the number below to whoever runs the studio.',
  reference: (digest: string) => `Reference ${digest}`,
} as const;
