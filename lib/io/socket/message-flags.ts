import { type Abortable, integer, MOST_INT, options } from '../../validate';
import { type Constant, constant } from '../socket-handle';

/** How a message is sent or received. */
export interface MessageFlags extends Abortable {
  /**
   * `MSG_` constants; none by default. `undefined`, which is what a constant is that this system
   * lacks, is `ERR_UNSUPPORTED_PLATFORM`.
   */
  readonly flags?: Constant | undefined;
}

export function flagsOf(o: MessageFlags | undefined): number {
  const given = options(o);
  if (!('flags' in given)) return 0;
  return integer('options.flags', constant('options.flags', given.flags), 0, MOST_INT);
}
