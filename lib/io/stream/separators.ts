import { invalidType, invalidValue } from '../../errors';

/** Where a record ends: a separator, or several any of which will do. Strings are UTF-8. */
export type Separators = string | Uint8Array | readonly (string | Uint8Array)[];

/**
 * Several separators are looked for in a piece at a time, and the pieces double: otherwise the one
 * that is rare would be looked for in all that has come, again for every record that the others end.
 */
const PIECE = 256;

/**
 * Looks for the first separator in bytes that become more, and at none of them twice. The answer does
 * not depend on the pieces in which they come: what may still turn out to be another separator,
 * earlier or longer, has to be waited for.
 */
export class SeparatorSearch {
  /** The longest first: it wins where several begin. */
  readonly #separators: readonly Buffer[];
  readonly #longest: number;
  #start = 0;
  #length = 0;

  /** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for an empty one */
  constructor(separators: Separators) {
    this.#separators = bytesOf(separators).sort((a, b) => b.length - a.length);
    this.#longest = this.#separators[0].length;
  }

  /** Where the separator begins that was found. As long as none was, none begins before. */
  get start(): number {
    return this.#start;
  }

  /** Where it ends. */
  get end(): number {
    return this.#start + this.#length;
  }

  /** Whether it is there. `ended` says that no more bytes will come. */
  find(bytes: Buffer, ended: boolean): boolean {
    const { length } = bytes;
    const several = this.#separators.length > 1;
    for (let size = PIECE; ; size *= 2) {
      const end = several ? Math.min(this.#start + size, length) : length;
      const found = this.#match(end === length ? bytes : bytes.subarray(0, end));
      // Every one that begins there or before would have been seen.
      if (found !== -1 && found + this.#longest <= end) return this.#settle(found);
      if (found === -1) this.#start = Math.max(this.#start, end - this.#longest + 1);
      if (end < length) continue;
      if (found === -1) return false;
      const begun = ended ? -1 : this.#begun(bytes, found);
      if (begun === -1) return this.#settle(found);
      this.#start = begun;
      return false;
    }
  }

  #settle(found: number): true {
    this.#start = found;
    return true;
  }

  /** The first place where one is, with the length of the longest one there; or -1. */
  #match(bytes: Buffer): number {
    let first = -1;
    for (const separator of this.#separators) {
      const found = bytes.indexOf(separator, this.#start);
      if (found === -1 || (first !== -1 && found >= first)) continue;
      first = found;
      this.#length = separator.length;
    }
    return first;
  }

  /** Where another one begins that would win against the one found, if its end should come; or -1. */
  #begun(bytes: Buffer, found: number): number {
    const { length } = bytes;
    for (let at = Math.max(this.#start, length - this.#longest + 1); at <= found; at++) {
      const rest = length - at;
      for (const separator of this.#separators) {
        if (separator.length <= rest || (at === found && separator.length <= this.#length)) break;
        if (bytes.compare(separator, 0, rest, at, length) === 0) return at;
      }
    }
    return -1;
  }
}

function bytesOf(separators: Separators): Buffer[] {
  const list: readonly unknown[] = Array.isArray(separators) ? separators : [separators];
  if (list.length === 0) throw invalidValue('separators', 'must not be empty', separators);
  return list.map((separator) => {
    if (typeof separator !== 'string' && !(separator instanceof Uint8Array)) {
      const expected = 'of type string or an instance of Uint8Array, or an array of those';
      throw invalidType('separators', expected, separator);
    }
    if (separator.length === 0) throw invalidValue('separators', 'must not be empty', separator);
    // A copy: the caller's bytes may change while the stream waits.
    return Buffer.from(separator as Uint8Array);
  });
}
