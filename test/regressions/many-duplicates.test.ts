import { expect, test } from 'vitest';
import { inChild } from '../support/child';

// Linux lets at most 500 paths of length two lead to one open file. The multiplexer behind libuv's makes
// such paths: with more duplicates of one file than that, libuv finds that it cannot watch the
// multiplexer, and aborts the process. Once it watches, the 501st is refused with EINVAL instead.

const run =
  process.env['IOMUX_DRIVER'] === 'uv' && process.platform === 'linux' ? test.fails : test;

run('more than 500 duplicates of one open file do not abort the process', async () => {
  const outcome = await inChild(async ({ iomux, descriptors }) => {
    const [reader] = descriptors.pipe();
    const refused = new Set<unknown>();
    for (let i = 0; i < 600; i++) {
      iomux.readable(descriptors.dup(reader)).catch((error: unknown) => {
        refused.add((error as { code: unknown }).code);
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    const answer = [...refused];
    iomux.reactor.close();
    return answer.filter((code) => code !== 'EINVAL');
  });
  expect(outcome).toEqual({ code: 0, signal: null, late: false, stderr: '', result: [] });
});
