import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Stream } from '../../lib/net';
import { descriptors } from '../support/descriptors';
import { type Found, ReadModel } from './read-model';

// Few different bytes, so that separators come often, in part and overlapping.
const ALPHABET = Buffer.from('ab\r\n');
const byte = fc.constantFrom(...ALPHABET);
const bytes = fc
  .uint8Array({ min: 0, max: 3, maxLength: 6 })
  .map((places) => Buffer.from(places.map((place) => ALPHABET[place])));
const separator = fc
  .array(byte, { minLength: 1, maxLength: 4 })
  .map((list) => Buffer.from(list).toString());
// Also separators of which one is the beginning of another.
const separators = fc.oneof(
  fc.array(separator, { minLength: 1, maxLength: 3 }),
  fc.tuple(separator, separator).map(([one, more]) => [one, one + more]),
);
const limit = fc.oneof(fc.nat(12), fc.constant(65536));

interface Read {
  run(stream: Stream): Promise<unknown>;
  /** The expected result; a function if the length depends on how the bytes arrived. */
  expected(model: ReadModel): Found;
}

/** One read, with a readable form for the report of a failure. */
function read<A extends unknown[]>(
  name: string,
  argumentsOf: { [K in keyof A]: fc.Arbitrary<A[K]> },
  run: (stream: Stream, ...args: A) => Promise<unknown>,
  expected: (model: ReadModel, ...args: A) => Found,
): fc.Arbitrary<Read> {
  return fc.tuple<A>(...argumentsOf).map((args) => ({
    run: (stream) => run(stream, ...args),
    expected: (model) => expected(model, ...args),
    [fc.toStringMethod]: () => `${name}(${args.map((one) => JSON.stringify(one)).join(', ')})`,
  }));
}

const reads: fc.Arbitrary<Read> = fc.oneof(
  read(
    'readSome',
    [fc.integer({ min: 1, max: 20 })],
    (stream, max: number) => stream.readSome(max),
    (model, max: number) => model.some(max),
  ),
  read(
    'read',
    [fc.integer({ min: 1, max: 20 })],
    async (stream, size: number) => {
      const into = Buffer.alloc(size);
      const count = await stream.read(into);
      return count === 0 ? null : into.subarray(0, count);
    },
    (model, size: number) => model.some(size),
  ),
  read(
    'readExactly',
    [fc.nat(30)],
    (stream, count: number) => stream.readExactly(count),
    (model, count: number) => model.exactly(count),
  ),
  read(
    'peek',
    [fc.integer({ min: 1, max: 30 })],
    (stream, count: number) => stream.peek(count),
    (model, count: number) => model.peek(count),
  ),
  read(
    'readUntil',
    [separators, limit],
    (stream, ends: string[], most: number) => stream.readUntil(ends, { limit: most }),
    (model, ends: string[], most: number) => model.until(ends, most),
  ),
  read(
    'readLine',
    [limit],
    (stream, most: number) => stream.readLine({ limit: most }),
    (model, most: number) => model.line(most),
  ),
);

/** Sends the chunks, some together with the next one and some in a turn of their own. */
async function send(
  writer: Stream,
  chunks: readonly (readonly [Buffer, boolean])[],
): Promise<void> {
  for (const [chunk, alone] of chunks) {
    await writer.write(chunk);
    if (alone) await new Promise((resolve) => setImmediate(resolve));
  }
  await writer.close();
}

describe('whatever comes in whatever chunks', () => {
  test('any sequence of reads answers what a plain model of the bytes says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(bytes, fc.boolean()), { maxLength: 40, size: 'max' }),
        fc.array(reads, { minLength: 1, maxLength: 40, size: 'max' }),
        async (chunks, sequence) => {
          const [reader, writer] = descriptors.socketPair(true).map((fd) => Stream.fromFd(fd));
          const model = new ReadModel(Buffer.concat(chunks.map(([chunk]) => chunk)));
          const sending = send(writer, chunks);
          for (const one of sequence) {
            const expected = one.expected(model);
            const answer = await one.run(reader).catch((error: unknown) => error);
            model.consume(expected(answer));
          }
          const rest = await reader.readAll();
          expect(rest.toString()).toBe(model.rest.toString());
          await sending;
          await reader.close();
        },
      ),
      { numRuns: 500 },
    );
  });
});
