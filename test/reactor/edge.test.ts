import { readSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import { READABLE } from '../../lib/index';
import { descriptors, socketPair } from '../support/descriptors';
import { delivered, perTest } from './turns';

const given = perTest();
const buffer = Buffer.alloc(65536);

/** Repeats a call until it would block. */
function exhaust(call: () => number): void {
  try {
    for (;;) call();
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
}

// The kernel looks at the state of a descriptor whenever its registration is changed, and reports what is
// there as an edge. So what an edge-triggered registration shares is left as it is.
test('an edge for which nobody waits any more is not followed by another one', async () => {
  const { reactor } = given;
  const [ours, theirs] = socketPair();
  descriptors.setBuffer(ours, true, 4096);
  let calls = 0;
  reactor.register(ours, READABLE, () => calls++, { mode: 'edge' });
  await reactor.writable(ours);
  writeSync(theirs, 'nobody reads this');
  await delivered(reactor);
  exhaust(() => writeSync(ours, buffer));
  await delivered(reactor);
  const before = calls;
  // It becomes writable, of which nobody is to be told; the kernel says with it what is there to read.
  exhaust(() => readSync(theirs, buffer));
  await delivered(reactor);
  await delivered(reactor);
  expect(calls - before).toBe(1);
});
