import { describe, expect, test } from 'vitest';
import { Datagram, Listener, Stream } from '../../lib/net';

/** As JavaScript calls it, which has no types. */
function construct(what: unknown, ...args: unknown[]): unknown {
  return Reflect.construct(what as typeof Object, args);
}

describe.each([
  ['Stream', Stream, 'connect(), listener.accept() or Stream.fromFd()'],
  ['Listener', Listener, 'listen()'],
  ['Datagram', Datagram, 'Datagram.bind() or Datagram.connect()'],
])('the constructor of %s', (_name, made, instead) => {
  test.each([[[]], [[0]], [[{ fd: 0 }]]])('is not called from outside with %j', (args) => {
    const error = {
      name: 'TypeError',
      code: 'ERR_ILLEGAL_CONSTRUCTOR',
      message: `Illegal constructor. Use ${instead}`,
    };
    expect(() => construct(made, ...args)).toThrow(expect.objectContaining(error));
  });
});
