import { openSync, readSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import {
  Epoll,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
  EPOLLWAKEUP,
} from '../../lib/epoll';
import { native } from '../../lib/native';
import { close, descriptors, dup, owned, pipe, socketPair } from '../support/descriptors';

const NOW = { timeout: 0 };

function code(name: string): unknown {
  return expect.objectContaining({ code: name, syscall: 'epoll_ctl' });
}

describe.runIf(native.backend === 'epoll')('epoll_ctl', () => {
  test('adds with the descriptor as data, unless other data is given', () => {
    using epoll = new Epoll();
    const [, writer] = pipe();
    epoll.add(writer, EPOLLOUT);
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLOUT, data: writer }]);
    epoll.modify({ fd: writer }, EPOLLOUT, 7);
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLOUT, data: 7 }]);
    epoll.modify(writer, EPOLLOUT);
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLOUT, data: writer }]);
  });

  test('reports what the kernel reports: no second add, no change of what is not there', () => {
    using epoll = new Epoll();
    const [reader] = pipe();
    epoll.add(reader, EPOLLIN);
    expect(() => {
      epoll.add(reader, EPOLLIN);
    }).toThrow(code('EEXIST'));
    epoll.delete(reader);
    expect(() => {
      epoll.modify(reader, EPOLLIN);
    }).toThrow(code('ENOENT'));
    expect(() => {
      epoll.delete(reader);
    }).toThrow(code('ENOENT'));
  });

  test('reports a closed descriptor, also to `delete`', () => {
    using epoll = new Epoll();
    const [reader] = pipe();
    epoll.add(reader, EPOLLIN);
    close(reader);
    for (const method of ['add', 'modify', 'delete'] as const) {
      expect(() => {
        epoll[method](reader, EPOLLIN);
      }).toThrow(expect.objectContaining({ code: 'EBADF', fd: reader }));
    }
  });

  test('reports ENOENT for a number that another file has taken over', () => {
    using epoll = new Epoll();
    const [reader] = pipe();
    const [socket] = socketPair();
    epoll.add(reader, EPOLLIN);
    descriptors.dup2(socket, reader);
    expect(() => {
      epoll.delete(reader);
    }).toThrow(code('ENOENT'));
  });

  test.each([
    ['a regular file', __filename],
    ['a directory', tmpdir()],
  ])('refuses %s with EPERM', (_, path) => {
    using epoll = new Epoll();
    const [fd] = owned([openSync(path, 'r')]);
    expect(() => {
      epoll.add(fd, EPOLLIN);
    }).toThrow(code('EPERM'));
    expect(epoll.wait(NOW)).toEqual([]);
  });

  test('keeps a registration alive with a duplicate of its file, under the closed number', () => {
    using epoll = new Epoll();
    const [reader, writer] = pipe();
    dup(reader);
    epoll.add(reader, EPOLLIN, 1);
    writeSync(writer, 'x');
    close(reader);
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLIN, data: 1 }]);
    expect(() => {
      epoll.delete(reader);
    }).toThrow(code('EBADF'));
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLIN, data: 1 }]);
  });

  test('reports ERR and HUP whatever the mask says, also with an empty one', () => {
    using epoll = new Epoll();
    const [reader, writer] = pipe();
    epoll.add(writer, 0, 1);
    const [otherReader, otherWriter] = pipe();
    epoll.add(otherReader, 0, 2);
    expect(epoll.wait(NOW)).toEqual([]);
    close(reader, otherWriter);
    const events = epoll.wait(NOW).sort((a, b) => a.data - b.data);
    expect(events).toEqual([
      { events: EPOLLERR, data: 1 },
      { events: EPOLLHUP, data: 2 },
    ]);
  });

  test('with EPOLLRDHUP tells of a peer that will send no more, beside its data', () => {
    using epoll = new Epoll();
    const [socket, peer] = socketPair();
    epoll.add(socket, EPOLLIN | EPOLLRDHUP);
    writeSync(peer, 'x');
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLIN, data: socket }]);
    descriptors.shutdown(peer, 1);
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLIN | EPOLLRDHUP, data: socket }]);
    epoll.modify(socket, EPOLLRDHUP);
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLRDHUP, data: socket }]);
  });

  test('with EPOLLET tells once of what has arrived, until more does', () => {
    using epoll = new Epoll();
    const [socket, peer] = socketPair();
    epoll.add(socket, EPOLLIN | EPOLLET);
    for (let i = 0; i < 2; i++) {
      writeSync(peer, 'x');
      expect(epoll.wait(NOW)).toEqual([{ events: EPOLLIN, data: socket }]);
      expect(epoll.wait(NOW)).toEqual([]);
    }
    epoll.modify(socket, EPOLLIN | EPOLLET);
    expect(epoll.wait(NOW)).toHaveLength(1);
  });

  test('with EPOLLONESHOT tells once until `modify`, and keeps the registration', () => {
    using epoll = new Epoll();
    const [reader, writer] = pipe();
    epoll.add(reader, EPOLLIN | EPOLLONESHOT);
    writeSync(writer, 'x');
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLIN, data: reader }]);
    close(writer);
    expect(epoll.wait(NOW)).toEqual([]);
    expect(() => {
      epoll.add(reader, EPOLLIN);
    }).toThrow(code('EEXIST'));
    epoll.modify(reader, EPOLLIN | EPOLLONESHOT);
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLIN | EPOLLHUP, data: reader }]);
  });

  test('takes EPOLLWAKEUP, which changes no event', () => {
    using epoll = new Epoll();
    const [, writer] = pipe();
    epoll.add(writer, EPOLLOUT | EPOLLWAKEUP);
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLOUT, data: writer }]);
  });

  test('takes the highest bit as JavaScript has it: signed by `|`, unsigned by `+`', () => {
    using epoll = new Epoll();
    const [reader, writer] = pipe();
    writeSync(writer, 'x');
    expect(EPOLLIN | EPOLLET).toBeLessThan(0);
    epoll.add(reader, EPOLLIN | EPOLLET);
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLIN, data: reader }]);
    epoll.modify(reader, EPOLLIN + EPOLLET);
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLIN, data: reader }]);
    expect(epoll.wait(NOW)).toEqual([]);
  });
});

describe.runIf(native.backend === 'epoll')('EPOLLEXCLUSIVE', () => {
  const ALLOWED = EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLET | EPOLLWAKEUP;

  test('may be added, with IN, OUT, ERR, HUP, ET and WAKEUP', () => {
    using epoll = new Epoll();
    const [reader, writer] = pipe();
    epoll.add(reader, ALLOWED | EPOLLEXCLUSIVE);
    writeSync(writer, 'x');
    expect(epoll.wait(NOW)).toEqual([{ events: EPOLLIN, data: reader }]);
  });

  test.each([
    ['EPOLLPRI', EPOLLPRI],
    ['EPOLLRDHUP', EPOLLRDHUP],
    ['EPOLLONESHOT', EPOLLONESHOT],
  ])('cannot be added with %s', (_, flag) => {
    using epoll = new Epoll();
    const [reader] = pipe();
    expect(() => {
      epoll.add(reader, EPOLLIN | EPOLLEXCLUSIVE | flag);
    }).toThrow(code('EINVAL'));
  });

  test('cannot be modified: neither given nor taken', () => {
    using epoll = new Epoll();
    const [reader] = pipe();
    const [other] = pipe();
    epoll.add(reader, EPOLLIN);
    expect(() => {
      epoll.modify(reader, EPOLLIN | EPOLLEXCLUSIVE);
    }).toThrow(code('EINVAL'));
    epoll.add(other, EPOLLIN | EPOLLEXCLUSIVE);
    expect(() => {
      epoll.modify(other, EPOLLIN);
    }).toThrow(code('EINVAL'));
    epoll.delete(other);
    epoll.add(other, EPOLLIN);
  });

  test('cannot be given to another epoll instance', () => {
    using epoll = new Epoll();
    using inner = new Epoll();
    expect(() => {
      epoll.add(inner, EPOLLIN | EPOLLEXCLUSIVE);
    }).toThrow(code('EINVAL'));
  });
});

describe.runIf(native.backend === 'epoll')('an epoll instance in another', () => {
  test('is readable while it has events', () => {
    using inner = new Epoll();
    using outer = new Epoll();
    const [reader, writer] = pipe();
    inner.add(reader, EPOLLIN);
    outer.add(inner, EPOLLIN, 1);
    expect(outer.wait(NOW)).toEqual([]);
    writeSync(writer, 'x');
    expect(outer.wait(NOW)).toEqual([{ events: EPOLLIN, data: 1 }]);
    expect(outer.wait(NOW)).toEqual([{ events: EPOLLIN, data: 1 }]);
    readSync(reader, Buffer.alloc(1));
    expect(outer.wait(NOW)).toEqual([]);
  });

  test('may not contain itself', () => {
    using epoll = new Epoll();
    expect(() => {
      epoll.add(epoll, EPOLLIN);
    }).toThrow(code('EINVAL'));
  });

  test('may not close a circle', () => {
    using one = new Epoll();
    using other = new Epoll();
    one.add(other, EPOLLIN);
    expect(() => {
      other.add(one, EPOLLIN);
    }).toThrow(code('ELOOP'));
  });
});

describe.runIf(native.backend === 'epoll')('arguments', () => {
  test.each([
    ['events', -(2 ** 31) - 1, 'ERR_OUT_OF_RANGE'],
    ['events', 2 ** 32, 'ERR_OUT_OF_RANGE'],
    ['events', 0.5, 'ERR_OUT_OF_RANGE'],
    ['events', '1', 'ERR_INVALID_ARG_TYPE'],
    ['events', undefined, 'ERR_INVALID_ARG_TYPE'],
    ['data', -1, 'ERR_OUT_OF_RANGE'],
    ['data', 2 ** 53, 'ERR_OUT_OF_RANGE'],
    ['data', 0.5, 'ERR_OUT_OF_RANGE'],
    ['data', 1n, 'ERR_INVALID_ARG_TYPE'],
    ['source', -1, 'ERR_OUT_OF_RANGE'],
    ['source', { fd: -1 }, 'ERR_CLOSED'],
    ['source', 'stdin', 'ERR_INVALID_ARG_TYPE'],
  ])('%s %o is refused before any system call', (name, value, expected) => {
    using epoll = new Epoll();
    const [reader] = pipe();
    const source = (name === 'source' ? value : reader) as number;
    const events = (name === 'events' ? value : EPOLLIN) as number;
    const data = (name === 'data' ? value : 0) as number;
    expect(() => {
      epoll.add(source, events, data);
    }).toThrow(expect.objectContaining({ code: expected }));
    expect(() => {
      epoll.delete(reader);
    }).toThrow(code('ENOENT'));
  });
});
