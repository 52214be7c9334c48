import { describe, expect, test } from 'vitest';
import { requireWalls } from './host';

const told = { ATTUNE_REQUIRE_WALLS: 'L1', ATTUNE_REQUIRE_LIMITS: 'false' } as const;

describe('a worker', () => {
  test('that was told nothing starts behind whatever walls there are', () => {
    expect(() => requireWalls({ level: 'L1', missing: ['memory limit'] }, told)).not.toThrow();
  });

  test('that was told a level does not start behind a lower one, and says what to do', () => {
    const strict = { ...told, ATTUNE_REQUIRE_WALLS: 'L2' } as const;
    expect(() => requireWalls({ level: 'L2', missing: [] }, strict)).not.toThrow();
    expect(() => requireWalls({ level: 'L1', missing: [] }, strict)).toThrow(
      /ATTUNE_REQUIRE_WALLS=L2, and this machine can put up L1 only\. Start the worker as root/,
    );
  });

  test('that was told to limit does not start where it cannot', () => {
    const strict = { ...told, ATTUNE_REQUIRE_LIMITS: 'true' } as const;
    expect(() => requireWalls({ level: 'L2', missing: ['read-only system'] }, strict)).not.toThrow();
    expect(() => requireWalls({ level: 'L2', missing: ['memory limit', 'network switch'] }, strict)).toThrow(
      /this machine has no memory limit, no network switch\./,
    );
  });
});
