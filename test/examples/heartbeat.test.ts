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
    expect(Number(after)).toBeGreaterThanOrEqual(4 * total);
  }
  expect(total).toBeGreaterThanOrEqual(15);
  expect(missed).toBeGreaterThanOrEqual(1);
});
