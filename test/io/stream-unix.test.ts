import { expect, test } from 'vitest';
import { connect, listen, type Stream } from '../../lib/net';
import { Socket } from '../../lib/socket';
import { descriptors } from '../support/descriptors';
import { afterTurns } from '../support/turns';
import { temporary, tracked } from '../support/opened';

/** Both ends of a connection over a path. */
async function pair(): Promise<{ connected: Stream; accepted: Stream }> {
  const path = temporary('socket');
  const listener = tracked(await listen({ path }));
  const [connected, accepted] = await Promise.all([connect({ path }), listener.accept()]);
  return { connected: tracked(connected), accepted: tracked(accepted) };
}

test.each(['connected', 'accepted'] as const)(
  'a Unix stream that was %s does not stall where a descriptor was sent along',
  async (which) => {
    const ends = await pair();
    const reader = ends[which];
    const writer = which === 'connected' ? ends.accepted : ends.connected;
    // It enters the multiplexer when it waits for the first time.
    const first = reader.readExactly(1);
    expect(await afterTurns(first)).toBeTypeOf('symbol');
    await writer.write('x');
    await first;
    const sender = tracked(Socket.fromFd(descriptors.dup(writer.fd)));
    await sender.sendMessage('abc', { descriptors: [writer.fd] });
    await writer.write('def');
    // By then both have been reported, once: no new event will follow.
    await afterTurns(new Promise(() => undefined));
    const buffer = Buffer.alloc(100);
    let text = '';
    while (text.length < 6) text += buffer.toString('utf8', 0, await reader.read(buffer));
    expect(text).toBe('abcdef');
  },
);
