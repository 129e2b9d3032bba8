import { Stream } from '../../lib/net';
import { pair } from '../io/peers';
import { tracked } from '../support/opened';
import { descriptors } from '../support/descriptors';

/** What the suites of streams may know of that which carries the bytes. */
export interface StreamSubject {
  readonly name: string;
  /** The end reaches the reader, behind all that was written; closing some terminals drops it. */
  readonly ends: boolean;
  /** What comes out of the one can be read from the other. Both are closed after the test. */
  open(): Promise<{ reader: Stream; writer: Stream }>;
}

export const streamSubjects: readonly StreamSubject[] = [
  {
    name: 'TCP',
    ends: true,
    open: async () => {
      const { ours, theirs } = await pair();
      return { reader: ours, writer: theirs };
    },
  },
  { name: 'TCP that was taken over', ends: true, open: takenOver(() => descriptors.tcpPair()) },
  { name: 'a Unix socket', ends: true, open: takenOver(() => descriptors.socketPair(true)) },
  { name: 'a pipe', ends: true, open: takenOver(() => descriptors.pipe()) },
  {
    name: 'a terminal, read by who controls it',
    ends: true,
    open: takenOver(() => descriptors.pty(true)),
  },
  {
    name: 'a terminal, written by who controls it',
    ends: false,
    open: takenOver(() => descriptors.pty(true).reverse() as [number, number]),
  },
];

function takenOver(make: () => [reader: number, writer: number]): StreamSubject['open'] {
  return () => {
    const [reader, writer] = make().map((fd) => tracked(Stream.fromFd(fd)));
    return Promise.resolve({ reader, writer });
  };
}

/** Resolves when so many bytes have been received, which a read must be waiting for. */
export async function received(stream: Stream, count: number): Promise<void> {
  while (stream.bytesRead < count) await new Promise((resolve) => setImmediate(resolve));
}

/** Writes the pieces, each when the one before has been received by the read that waits. */
export async function inPieces(
  { reader, writer }: { reader: Stream; writer: Stream },
  ...pieces: string[]
): Promise<void> {
  let count = reader.bytesRead;
  for (const piece of pieces) {
    await writer.write(piece);
    count += Buffer.byteLength(piece);
    await received(reader, count);
  }
}
