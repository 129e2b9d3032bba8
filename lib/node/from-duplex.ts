import type { Duplex } from 'node:stream';
import { invalidType, invalidValue } from '../errors';
import { DuplexStream } from './duplex-stream';

/**
 * Turns any Node Duplex (a TLS socket, the pipes of a child joined into one, a composed Duplex) into a
 * stream with the read, write and close methods of `Stream`, as listed in `DuplexStream`. Methods that
 * need a descriptor are missing.
 *
 * The stream owns the Duplex from then on: other code must not use its `data` and `readable` events, and
 * its errors reject reads and writes. It reads ahead as far as its own buffer allows.
 * @throws `ERR_INVALID_ARG_TYPE`; `ERR_INVALID_ARG_VALUE` for a Duplex that does not carry bytes: one in
 * object mode, or with an encoding
 *
 * @example
 * ```js
 * import tls from 'node:tls';
 * import { fromDuplex } from 'iomux/node';
 * const stream = fromDuplex(tls.connect({ host: 'example.org', port: 443 }));
 * await stream.write('HEAD / HTTP/1.0\r\n\r\n');
 * for (let line; (line = await stream.readLine()) !== null;) console.log(line);
 * ```
 */
export function fromDuplex(duplex: Duplex): DuplexStream {
  const { read, write, end } = Object(duplex) as Partial<Record<string, unknown>>;
  if ([read, write, end].some((method) => typeof method !== 'function')) {
    throw invalidType('duplex', 'an instance of Duplex', duplex);
  }
  if (duplex.readableObjectMode || duplex.writableObjectMode || duplex.readableEncoding !== null) {
    throw invalidValue('duplex', 'must carry bytes, and neither objects nor text', duplex);
  }
  return new DuplexStream(duplex);
}
