import { openSync, writeSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FD_SETSIZE, select, type Source } from '../../lib/select';
import { inChild, type Tools } from '../support/child';
import { close, descriptors, owned, pipe, socketPair, tcpPair } from '../support/descriptors';
import { PATIENCE } from '../support/patience';

const NOW = { timeout: 0 };
const SOON = { timeout: 5000 * PATIENCE };
const NOTHING = { readable: [], writable: [], exceptional: [] };

/** In a child: waits while a signal arrives every few milliseconds. */
function waitUnderFire({ select, descriptors }: Tools) {
  process.on('SIGALRM', () => undefined);
  descriptors.interruptEvery(2);
  const start = performance.now();
  const lists = select.select([], [], [], { timeout: 20.5 });
  const elapsed = performance.now() - start;
  descriptors.interruptEvery(0);
  return { lists, elapsed };
}

describe('select', () => {
  test('tells who is readable and who is writable', () => {
    const [reader, writer] = pipe();
    expect(select([reader], [writer], [], NOW)).toEqual({ ...NOTHING, writable: [writer] });
    writeSync(writer, 'x');
    expect(select([reader], [writer], [], NOW)).toEqual({
      readable: [reader],
      writable: [writer],
      exceptional: [],
    });
  });

  test('tells of urgent data as exceptional, which is not readable', () => {
    const [socket, peer] = tcpPair();
    descriptors.sendUrgent(peer);
    expect(select([socket], [], [socket], SOON)).toEqual({ ...NOTHING, exceptional: [socket] });
  });

  test('tells of a source in every list that it is in', () => {
    const [socket, peer] = socketPair();
    writeSync(peer, 'x');
    expect(select([socket], [socket], [socket], NOW)).toEqual({
      readable: [socket],
      writable: [socket],
      exceptional: [],
    });
    expect(select([], [socket], [], NOW)).toEqual({ ...NOTHING, writable: [socket] });
  });

  test('hands back the sources as they were given, in that order, as often as they were', () => {
    const [reader, writer] = pipe();
    const [other, otherWriter] = pipe();
    const source = { fd: reader, name: 'the first' };
    writeSync(writer, 'x');
    writeSync(otherWriter, 'x');
    const { readable } = select([other, source, reader, source], [], [], NOW);
    expect(readable).toEqual([other, source, reader, source]);
    expect(readable[1]).toBe(source);
  });

  test('takes any iterable', () => {
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    function* sources(): Generator<Source> {
      yield reader;
    }
    expect(select(sources(), new Set([writer]), [], NOW)).toEqual({
      readable: [reader],
      writable: [writer],
      exceptional: [],
    });
  });

  test('names the argument that is no iterable', () => {
    const none = undefined as unknown as Source[];
    expect(() => select(none, [], [])).toThrow('The "readers" argument must be an iterable');
    expect(() => select([], none, [])).toThrow('The "writers" argument must be an iterable');
    expect(() => select([], [], none)).toThrow('The "others" argument must be an iterable');
  });

  test('calls both ends of what has ended ready', () => {
    const [reader, writer] = pipe();
    const [otherReader, otherWriter] = pipe();
    close(writer, otherReader);
    expect(select([reader], [otherWriter], [], NOW)).toEqual({
      readable: [reader],
      writable: [otherWriter],
      exceptional: [],
    });
  });

  test('calls a regular file ready, always', () => {
    const [file] = owned([openSync(__filename, 'r')]);
    expect(select([file], [file], [file], NOW)).toEqual({
      readable: [file],
      writable: [file],
      exceptional: [],
    });
  });

  test('refuses a descriptor that is not open with EBADF', () => {
    const [reader] = pipe();
    close(reader);
    expect(() => select([reader], [], [], NOW)).toThrow(
      expect.objectContaining({ code: 'EBADF', syscall: 'select' }),
    );
  });

  test('refuses one that is not open also far beyond those that are, which Linux overlooks', async () => {
    const outcome = await inChild(({ select }) => {
      try {
        return select.select([0], [], [1023], { timeout: 0 });
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(outcome).toMatchObject({ code: 0, result: 'EBADF: bad file descriptor, select' });
  });

  test('takes a descriptor below FD_SETSIZE, and refuses one that no set can hold', () => {
    const [, writer] = pipe();
    const [last] = owned([descriptors.dup2(writer, FD_SETSIZE - 1)]);
    expect(select([], [last], [], NOW)).toEqual({ ...NOTHING, writable: [last] });
    const [high] = owned([descriptors.dupAbove(writer, FD_SETSIZE)]);
    const sets: Source[][] = [[], [], []];
    for (let i = 0; i < 3; i++) {
      const [r, w, x] = sets.map((set, j) => (i === j ? [high] : set));
      expect(() => select(r, w, x, NOW)).toThrow(
        expect.objectContaining({
          code: 'ERR_OUT_OF_RANGE',
          message: expect.stringMatching(`< ${FD_SETSIZE} \\(FD_SETSIZE\\).*${high}`),
        }),
      );
    }
  });

  test('refuses what is no list, no source, and no timeout', () => {
    const [reader] = pipe();
    const type = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' });
    const range = expect.objectContaining({ code: 'ERR_OUT_OF_RANGE' });
    const call = (r: unknown, o: unknown) => () =>
      select(r as number[], [], [], o as { timeout: number });
    expect(call(undefined, NOW)).toThrow(type);
    expect(call(reader, NOW)).toThrow(type);
    expect(call(['0'], NOW)).toThrow(type);
    expect(call([-1], NOW)).toThrow(range);
    expect(call([{ fd: -1 }], NOW)).toThrow(expect.objectContaining({ code: 'ERR_CLOSED' }));
    expect(call([reader], { timeout: -2 })).toThrow(range);
    expect(call([reader], { timeout: '0' })).toThrow(type);
    expect(call([reader], 0)).toThrow(type);
    expect(call([reader], { timeout: 0, signal: AbortSignal.abort() })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
    );
  });

  test.each([0.001, 0.1, 0.9, 1.1, 3])('waits %d ms and never less', (timeout) => {
    const [reader] = pipe();
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      expect(select([reader], [], [], { timeout })).toEqual(NOTHING);
      expect(performance.now() - start).toBeGreaterThanOrEqual(timeout);
    }
  });

  test('waits for as long as it takes without a timeout', () => {
    const [, writer] = pipe();
    expect(select([], [writer], [])).toEqual({ ...NOTHING, writable: [writer] });
    expect(select([], [writer], [], { timeout: Infinity }).writable).toEqual([writer]);
    expect(select([], [writer], [], { timeout: -1 }).writable).toEqual([writer]);
  });

  test('goes on with the time that is left after a signal', async () => {
    const { code, result } = await inChild(waitUnderFire);
    expect(code).toBe(0);
    expect(result).toMatchObject({ lists: NOTHING });
    expect((result as { elapsed: number }).elapsed).toBeGreaterThanOrEqual(20.5);
  });
});
