import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const PROGRAM = join(__dirname, 'misuse/program.mjs');
const DEADLINE = 60_000;

// In a process of its own, which may crash or hang. To reproduce a failure, use its seed.
test(
  'ten thousand calls of anything with anything work, or fail with a code, and leave nothing open',
  async () => {
    const seed = String(Date.now() % 2 ** 31);
    const child = spawn(process.execPath, [PROGRAM, seed], { timeout: DEADLINE });
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    const [calls, errors] = await output;
    expect({ code, signal, errors }, `seed ${seed}`).toEqual({ code: 0, signal: null, errors: '' });
    expect(Number(calls)).toBeGreaterThanOrEqual(10_000);
  },
  DEADLINE,
);
