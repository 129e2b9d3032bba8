import { expect, test } from 'vitest';
import { runExample } from '../support/example';

test('examples/heartbeat counts every beat, and says which were missed', async () => {
  const lines = (await runExample('heartbeat', '4', '15')).trimEnd().split('\n');
  let total = 0;
  let missed = 0;
  for (const line of lines) {
    const [, beat, after, missing = '0'] =
      /^beat (\d+) after ([\d.]+) ms(?:, (\d+) missed)?$/.exec(line) ?? [];
    total += 1 + Number(missing);
    missed += Number(missing);
    expect(Number(beat)).toBe(total);
    // The clock of the example starts after that of the timer.
    expect(Number(after)).toBeGreaterThan(4 * (total - 1));
  }
  expect(total).toBeGreaterThanOrEqual(15);
  expect(missed).toBeGreaterThanOrEqual(1);
});
