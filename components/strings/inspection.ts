/** What the editor says of runs: the last one's values in the inspector, pins, and running in place. */
export const inspection = {
  origin: {
    run: (id: number) => `run ${id}`,
    pins: 'what is pinned',
    defaults: 'its defaults',
  },
} as const;
