import { describe, expect, test } from 'vitest';
import type { Stream } from '../../lib/net';
import { pair } from './peers';

/** How many calls may succeed at once in one turn: see TURN in lib/io/channel.ts. */
const MOST_PER_TURN = 32;

/** Keeps a stream full, until it is destroyed. */
async function flood(stream: Stream): Promise<void> {
  const chunk = Buffer.alloc(65536);
  try {
    for (;;) await stream.write(chunk);
  } catch {
    // It is how this ends.
  }
}

/** Reads in small pieces, so that every read succeeds at once, until it is destroyed. */
async function nibble(stream: Stream, onRead: () => void): Promise<void> {
  const piece = Buffer.alloc(16);
  try {
    while ((await stream.read(piece)) > 0) onRead();
  } catch {
    // It is how this ends.
  }
}

describe('a stream that always has something to read', () => {
  test('leaves the event loop a turn after so many reads', async () => {
    const { ours, theirs } = await pair();
    let reads = 0;
    const done = [flood(theirs), nibble(ours, () => reads++)];
    let most = 0;
    while (reads < 5000) {
      const before = reads;
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, reads - before);
    }
    ours.destroy();
    theirs.destroy();
    await Promise.all(done);
    // One turn, and another that the event within it started.
    expect(most).toBeLessThanOrEqual(2 * MOST_PER_TURN + 2);
  });

  test('does not starve timers, or another stream', async () => {
    const busy = await pair();
    const quiet = await pair();
    let reads = 0;
    const done = [flood(busy.theirs), nibble(busy.ours, () => reads++)];
    const echo = (async () => {
      const buffer = Buffer.alloc(64);
      try {
        for (;;) await quiet.theirs.write(buffer, 0, await quiet.theirs.read(buffer));
      } catch {
        // It is how this ends.
      }
    })();
    let ticks = 0;
    const ticking = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (++ticks < 20) return;
        clearInterval(timer);
        resolve();
      }, 1);
    });
    const buffer = Buffer.alloc(64);
    for (let i = 0; i < 50; i++) {
      await quiet.ours.write(`message ${i}`);
      const count = await quiet.ours.read(buffer);
      expect(buffer.toString('utf8', 0, count)).toBe(`message ${i}`);
    }
    await ticking;
    expect(reads).toBeGreaterThan(1000);
    for (const stream of Object.values({ ...busy })) stream.destroy();
    for (const stream of Object.values({ ...quiet })) stream.destroy();
    await Promise.all([...done, echo]);
  });
});

test('a stream that has many lines leaves the event loop a turn between them', async () => {
  const { ours, theirs } = await pair();
  const lines = 20_000;
  const writing = theirs.write('\n'.repeat(lines));
  let seen = 0;
  const reading = (async () => {
    while (seen < lines) {
      await ours.readLine();
      seen++;
    }
  })();
  let most = 0;
  while (seen < lines) {
    const before = seen;
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, seen - before);
  }
  await Promise.all([reading, writing]);
  // They have been received already: only the promises are to be had.
  expect(most).toBeLessThanOrEqual(2 * MOST_PER_TURN + 2);
});

test('a stream that always takes what is written leaves the event loop a turn', async () => {
  const { ours, theirs } = await pair();
  let writes = 0;
  const drained = nibbleAll(theirs);
  const writing = (async () => {
    try {
      for (;;) {
        await ours.write('x');
        writes++;
      }
    } catch {
      // It is how this ends.
    }
  })();
  let most = 0;
  while (writes < 5000) {
    const before = writes;
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, writes - before);
  }
  ours.destroy();
  theirs.destroy();
  await Promise.all([writing, drained]);
  expect(most).toBeLessThanOrEqual(2 * MOST_PER_TURN + 2);
});

async function nibbleAll(stream: Stream): Promise<void> {
  const buffer = Buffer.alloc(65536);
  try {
    while ((await stream.read(buffer)) > 0);
  } catch {
    // It is how this ends.
  }
}
