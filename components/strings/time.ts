/** Moments and lengths of time in words. */
export const time = {
  now: 'just now',
  soon: 'in a moment',
  units: { minute: 'min', hour: 'h', day: 'd' },
  ago: (amount: string) => `${amount} ago`,
  in: (amount: string) => `in ${amount}`,
} as const;
