import { expect, test } from 'vitest';
import { inChild } from '../support/child';

test('a stack keeps our frames where it would be left with those of Node alone', async () => {
  const { result } = await inChild(({ iomux }) => {
    const caught = new Promise((resolve) => {
      process.once('uncaughtException', (error) => resolve(error.stack));
    });
    // As in a bundle, in which the user's frames look like ours.
    setImmediate(iomux.register as unknown as (source: number) => void, -1);
    return caught;
  });
  const [message, first] = String(result).split('\n');
  expect(message).toMatch(/^RangeError \[ERR_OUT_OF_RANGE\]/);
  expect(first).not.toContain('node:internal');
});
