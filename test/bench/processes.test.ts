import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Pair, Server } from '../../bench/processes';
import { Shared } from '../../bench/warm-server';

const NATIVE = join(__dirname, '../../bench/native/build/Release');
const SIGNAL = AbortSignal.any([]);

/** A program that says its last argument is its address, and ends with that code when its input does. */
function programEndingWith(code: number): string[] {
  const source = `
    console.log(JSON.stringify({ address: process.argv.at(-1) }));
    process.stdin.on('end', () => process.exit(${String(code)})).resume();`;
  return [process.execPath, '-e', source, '--'];
}

/** R runs, S sleeps, T is stopped; undefined where there is no such process. */
function stateOf({ pid }: Server): string | undefined {
  if (!existsSync(`/proc/${String(pid)}/stat`)) return undefined;
  return /\) (\w)/.exec(readFileSync(`/proc/${String(pid)}/stat`, 'latin1'))?.[1];
}

async function pause(server: Server): Promise<void> {
  server.pause();
  await expect.poll(() => stateOf(server)).toBe('T');
}

describe('a server', () => {
  test('over a Unix socket has a folder of its own, until it has ended', async () => {
    const server = await Server.listen(programEndingWith(0), true, SIGNAL);
    expect(existsSync(join(server.address, '..'))).toBe(true);
    await server[Symbol.asyncDispose]();
    expect(existsSync(join(server.address, '..'))).toBe(false);
  });

  test.runIf(process.platform === 'linux')('that is paused ends all the same', async () => {
    const server = await Server.listen(programEndingWith(0), false, SIGNAL);
    await pause(server);
    await server[Symbol.asyncDispose]();
    expect(stateOf(server)).toBeUndefined();
  });
});

describe('two programs', () => {
  test.runIf(process.platform === 'linux')('both end where the first one fails', async () => {
    const pair = await Pair.start(
      () => Server.listen(programEndingWith(0), false, SIGNAL),
      ({ address }) => Server.start([...programEndingWith(3), address], SIGNAL),
    );
    await expect(pair[Symbol.asyncDispose]()).rejects.toThrow('ended with 3');
    expect(stateOf(pair.sink)).toBeUndefined();
  });

  test('are not left behind where the second one does not start', async () => {
    let sink: Server | undefined;
    const starting = Pair.start(
      async () => (sink = await Server.listen(programEndingWith(0), false, SIGNAL)),
      () => Server.start([process.execPath, '-e', 'process.exit(4)'], SIGNAL),
    );
    await expect(starting).rejects.toThrow('ended with 4');
    expect(sink && stateOf(sink)).toBeUndefined();
  });

  // Where `npm run bench` has built it.
  test.runIf(existsSync(join(NATIVE, 'datagram_source')))(
    'go on after the one that sends was paused while it waited for room',
    async () => {
      await using pair = await Pair.start(
        () => Server.listen([join(NATIVE, 'datagram_sink'), '64', 'recvmmsg'], true, SIGNAL),
        ({ address }) =>
          Server.start([join(NATIVE, 'datagram_source'), '64', 'sendmmsg', address], SIGNAL),
      );
      await pause(pair.sink);
      for (let time = 0; time < 5; time += 1) {
        await expect.poll(() => stateOf(pair.source)).toBe('S');
        await pause(pair.source);
        pair.source.resume();
      }
      pair.sink.resume();
      const { datagrams = NaN } = await pair.source.snapshot();
      expect(datagrams).toBeGreaterThan(0);
    },
  );
});

test('what the turns of a peer share is started once, and anew after it was closed', async () => {
  const calls: string[] = [];
  const shared = new Shared(() => {
    calls.push('start');
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        calls.push('end');
        return Promise.resolve();
      },
    });
  });
  const peer = shared.peer('a', () => Promise.resolve({}));
  for (let round = 0; round < 2; round += 1) {
    for (let turn = 0; turn < 2; turn += 1) await peer.measure();
    await peer.close?.();
  }
  expect(calls).toEqual(['start', 'end', 'start', 'end']);
});
