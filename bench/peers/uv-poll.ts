import { nativeProgram } from '../programs';

/** A handle of an open uv_poll_t. */
interface Poll {
  readonly opaque: never;
}

interface UvPollAddon {
  /** Calls back for as long as the descriptor is readable: libuv watches level-triggered. */
  open(fd: number, callback: (status: number, events: number) => void): Poll;
  /** Must be called once. */
  close(poll: Poll): void;
  /** A new eventfd that stays readable because nobody reads it. */
  readyDescriptor(): number;
}

/** libuv's own way to wait on a descriptor, for Node: `bench/native/uv_poll.cc`. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon has no other way in
export const uvPoll = require(nativeProgram('uv_poll.node')) as UvPollAddon;

/**
 * A promise API on one uv_poll_t, the cheapest that keeps the handle active: nothing is armed or
 * disarmed per wait.
 */
export class PollWaiter {
  readonly #poll: Poll;
  #resolve: (() => void) | undefined;

  constructor(fd: number) {
    this.#poll = uvPoll.open(fd, () => {
      const resolve = this.#resolve;
      this.#resolve = undefined;
      resolve?.();
    });
  }

  readable(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  close(): void {
    uvPoll.close(this.#poll);
  }
}
