import { Stream } from '../../lib/net';
import { pair } from '../io/peers';
import { tracked } from '../support/opened';
import { descriptors } from '../support/descriptors';

/** The properties of a kind of stream that the suites depend on. */
export interface StreamSubject {
  readonly name: string;
  /** The end reaches the reader after all that was written; closing some terminals discards it. */
  readonly ends: boolean;
  /** What is written to one can be read from the other. Both are closed after the test. */
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

/** Resolves when so many bytes have been received, for which a read must be pending. */
export async function received(stream: Stream, count: number): Promise<void> {
  while (stream.bytesRead < count) await new Promise((resolve) => setImmediate(resolve));
}

/** Writes the pieces, each when the pending read has received the one before. */
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
