import { QueryClient } from '@tanstack/react-query';
import { describe, expect, test, vi } from 'vitest';
import { Refresher } from './apply-changes';

describe('refreshing what changed', () => {
  test('asks once for a key, however often it is named', async () => {
    const queries = new QueryClient();
    const read = vi.fn(() => Promise.resolve('state'));
    await queries.query({ queryKey: ['tree'], queryFn: read });
    const asked = vi.spyOn(queries, 'invalidateQueries');
    const refresher = new Refresher(queries, 1);
    refresher.soon(['tree']);
    refresher.soon(['tree']);
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  });

  test('waits for a first load that is under way, which may have been read before the change', async () => {
    const queries = new QueryClient();
    let answer: (value: string) => void = () => {};
    const loading = queries.query({
      queryKey: ['tree'],
      queryFn: () => new Promise<string>((resolve) => (answer = resolve)),
    });
    const asked = vi.spyOn(queries, 'invalidateQueries');
    const rounds = vi.spyOn(queries, 'getQueryCache');
    const refresher = new Refresher(queries, 1);
    refresher.soon(['tree']);
    await vi.waitFor(() => expect(rounds.mock.calls.length).toBeGreaterThan(2));
    expect(asked).not.toHaveBeenCalled();
    answer('old');
    await loading;
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(1));
  });
});
