import type { Duplex } from 'node:stream';
import { invalidType, invalidValue } from '../errors';
import { DuplexStream } from './duplex-stream';

/**
 * Any Duplex of Node's (a TLS socket, a child's pipes made one, one that somebody has composed) as a
 * stream, with the reads, writes and the closing of `Stream`; `DuplexStream` says which. What concerns a
 * descriptor is not among them.
 *
 * The Duplex belongs to the stream from then on: its `data` and `readable` are not for others, and its
 * errors are told to whoever reads or writes. It reads ahead as far as its own buffer goes.
 * @throws `ERR_INVALID_ARG_TYPE`; `ERR_INVALID_ARG_VALUE` for one that does not carry bytes: it is in
 * object mode, or was given an encoding
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
