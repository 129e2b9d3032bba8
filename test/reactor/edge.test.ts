import { readSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { READABLE } from '../../lib/index';
import { descriptors, pipe, socketPair } from '../support/descriptors';
import { delivered, isSettled, perTest } from './turns';

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

// Whenever a registration is changed, the kernel reports what is ready then as a new edge. So a descriptor with
// an edge-triggered registration is not changed without need.
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
  // It becomes writable, for which nobody waits; with that, the kernel reports again that it is readable.
  exhaust(() => readSync(theirs, buffer));
  await delivered(reactor);
  await delivered(reactor);
  expect(calls - before).toBe(1);
});

describe('an edge-triggered registration', () => {
  test('stays one when a promise waits for the other direction', async () => {
    const { reactor } = given;
    const [ours, theirs] = socketPair();
    exhaust(() => writeSync(ours, buffer));
    let calls = 0;
    reactor.register(ours, READABLE, () => calls++, { mode: 'edge' });
    const waiting = reactor.writable(ours);
    writeSync(theirs, 'nobody reads this');
    await delivered(reactor);
    await delivered(reactor);
    await delivered(reactor);
    expect(calls).toBe(1);
    exhaust(() => readSync(theirs, buffer));
    await waiting;
  });

  test('is one also when it begins in the wake-up that told a promise of its descriptor', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    await reactor.readable(reader);
    let calls = 0;
    reactor.register(reader, READABLE, () => calls++, { mode: 'edge' });
    await delivered(reactor);
    await delivered(reactor);
    await delivered(reactor);
    expect(calls).toBe(1);
  });

  test('does not hide what is there from a promise that begins in its callback', async () => {
    const { reactor } = given;
    const [reader, writer] = pipe();
    let told: Promise<void> | undefined;
    const onEdge = (): void => {
      // No further edge will come: the data is there already.
      told ??= reactor.readable(reader);
    };
    reactor.register(reader, READABLE, onEdge, { mode: 'edge' });
    writeSync(writer, 'x');
    await delivered(reactor);
    await delivered(reactor);
    expect(told !== undefined && (await isSettled(told))).toBe(true);
  });
});
