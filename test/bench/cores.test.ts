import { expect, test } from 'vitest';
import { claimCores } from '../../bench/cores';
import { UsageError } from '../../bench/options';

// There are no such cores, so no benchmark that runs meanwhile has them.
const CORES = { server: 1e6 + process.pid, generator: 2e6 + process.pid };

test.runIf(process.platform === 'linux')('a core is measured on by one benchmark', async () => {
  const claims = await claimCores(CORES);
  const crossed = { server: CORES.generator + 5e6, generator: CORES.server };
  await expect(claimCores(crossed)).rejects.toThrow(UsageError);
  await expect(claimCores(crossed)).rejects.toThrow(`on core ${String(CORES.server)}`);
  for (const claim of claims) await new Promise((resolve) => claim.close(resolve));

  for (const claim of await claimCores(crossed)) {
    await new Promise((resolve) => claim.close(resolve));
  }
});
