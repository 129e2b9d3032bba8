import { native } from '../native';
import { EpollSelector } from './epoll-selector';
import { KqueueSelector } from './kqueue-selector';
import type { Selector } from './selector';

/** A selector over the multiplexer that the addon was built with. */
export function systemSelector(): Selector {
  return native.backend === 'kqueue' ? new KqueueSelector() : new EpollSelector();
}
