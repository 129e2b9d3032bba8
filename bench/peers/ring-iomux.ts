import { Poller, READABLE, register } from 'iomux';
import { Epoll, EPOLLIN } from 'iomux/epoll';
import { poll, POLLIN, select } from 'iomux/select';

import { blocking, calledBack, countRing, type Ring } from './ring-runs';

function indexesOf(ring: Ring): Map<number, number> {
  return new Map(ring.descriptors.map((fd, index) => [fd, index]));
}

countRing({
  callbacks: (ring) => calledBack(ring, (fd, callback) => register(fd, READABLE, callback)),
  epoll: (ring) => {
    const epoll = new Epoll();
    ring.descriptors.forEach((fd, index) => {
      epoll.add(fd, EPOLLIN, index);
    });
    return blocking(() => {
      for (const { data } of epoll.wait()) ring.onReadable(data);
    }, ring);
  },
  poller: (ring) => {
    const poller = new Poller();
    ring.descriptors.forEach((fd, index) => {
      poller.add(fd, READABLE, { token: index });
    });
    return blocking(() => {
      for (const { token } of poller.wait()) ring.onReadable(token as number);
    }, ring);
  },
  poll: (ring) => {
    const entries = ring.descriptors.map((source) => ({ source, events: POLLIN }));
    const indexes = indexesOf(ring);
    return blocking(() => {
      for (const { source } of poll(entries)) ring.onReadable(indexes.get(source) ?? NaN);
    }, ring);
  },
  select: (ring) => {
    const indexes = indexesOf(ring);
    return blocking(() => {
      for (const source of select(ring.descriptors, [], []).readable)
        ring.onReadable(indexes.get(source) ?? NaN);
    }, ring);
  },
});
