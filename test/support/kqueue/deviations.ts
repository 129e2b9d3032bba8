import { readlinkSync } from 'node:fs';
import { afterEach, beforeEach } from 'vitest';
import { openDescriptors } from '../descriptors';

// How libkqueue differs from the kernels that it emulates, and the tests of the conformance suite and
// of the examples that fail only because of that. The product knows nothing of libkqueue.

const NOT_POLLABLE = 'a kqueue’s descriptor is the write end of a pipe, and never readable';
const CLOSE_UNSEEN = 'closing a descriptor leaves its knotes behind';
const SHARED_ENTRY = 'both filters of a descriptor share an epoll entry, which loses EPOLLRDHUP';
const ERROR_TAKEN = 'SO_ERROR is taken by the event';
const SMALL_BATCH = 'a call reports at most 512 events';

const DEVIATIONS = new Map([
  [
    'where the kernel keeps the list > a number that another file has taken over may be added without deleting it',
    CLOSE_UNSEEN,
  ],
  ['where the kernel keeps the list > so may one that was added as `oneshot`', CLOSE_UNSEEN],
  [
    'a descriptor that a wait has found closed > may be added again without deleting it when another file has its number',
    CLOSE_UNSEEN,
  ],
  ['the end > of one direction wakes the reader; the other direction goes on', SHARED_ENTRY],
  ['the end > by a reset wakes readers and writers, and the next read tells why', ERROR_TAKEN],
  [
    'an error that a call has taken > was not fatal by itself: the descriptor goes on as before',
    ERROR_TAKEN,
  ],
  [
    'one wait of very many descriptors > reports 1024 of them, and the next one begins with the others',
    SMALL_BATCH,
  ],
  ['ready > resolves when something becomes ready, and not before', NOT_POLLABLE],
  ['ready > tells everybody who waits', NOT_POLLABLE],
  ['ready > keeps the process alive', NOT_POLLABLE],
  ['ready > sees what is added, modified and deleted while it waits', NOT_POLLABLE],
  ['ready > spends a `oneshot`, of which only one of two hears', NOT_POLLABLE],
  ['ready > rejects with the reason when it is aborted, without effect on others', NOT_POLLABLE],
  ['ready > survives that a descriptor is closed while it waits', NOT_POLLABLE],
  ['notify > settles a pending `ready` with nothing, and the next one waits', NOT_POLLABLE],
  ['notify > from a Worker settles a pending `ready`', NOT_POLLABLE],
  [
    'a descriptor that was closed while a duplicate is open > lends its events to nobody who has its number after it',
    CLOSE_UNSEEN,
  ],
  [
    'a descriptor that was closed while a duplicate is open > may be added again when its number is the same file’s again',
    CLOSE_UNSEEN,
  ],
  [
    'a descriptor that was closed while a duplicate is open > does not settle `ready`, nor hide what does',
    NOT_POLLABLE,
  ],
  [
    'the poller’s own descriptor > is readable while there is something to report, and can be waited for in turn',
    NOT_POLLABLE,
  ],
  [
    'where there is kqueue > examples/echo/kqueue > takes new clients when others have gone, whose numbers they have',
    CLOSE_UNSEEN,
  ],
]);

beforeEach(({ task, skip }) => {
  const name = task.fullTestName.replace(/^Poller over kqueue > /, '').replaceAll("'", '’');
  const reason = DEVIATIONS.get(name);
  if (reason !== undefined) skip(`libkqueue: ${reason}`);
});

/** The epoll instances behind the kqueues of this process. */
function instances(): number {
  return openDescriptors().filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:[eventpoll]';
    } catch {
      return false; // the descriptor with which the folder was listed
    }
  }).length;
}

let before = 0;
beforeEach(() => {
  before = instances();
});
// A thread of libkqueue closes the epoll instance of a kqueue some time after the kqueue was closed.
afterEach(async () => {
  while (instances() > before) await new Promise((resolve) => setImmediate(resolve));
});
