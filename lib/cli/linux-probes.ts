import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { native } from '../native';
import { EPOLL_CTL_ADD, EPOLLEXCLUSIVE, EPOLLIN } from '../raw/epoll';
import type { Probe } from './finding';

const NOW = new Uint8Array(1);

/** The probes of Linux. */
export const linuxProbes: readonly Probe[] = [
  {
    name: 'epoll_pwait2',
    since: '5.11',
    without: 'the timeouts of `wait` count in whole milliseconds',
    run: (opened) => native.checkEpollPwait2(opened.own(native.epollCreate(), 'epoll_create1')),
  },
  {
    name: 'EPOLLEXCLUSIVE',
    since: '4.5',
    without: 'a connection wakes every process that waits for one listener by `Epoll`',
    run: (opened) => {
      const epoll = opened.own(native.epollCreate(), 'epoll_create1');
      const [reader] = opened.pipe();
      const events = EPOLLIN | EPOLLEXCLUSIVE;
      return native.epollControl(epoll, EPOLL_CTL_ADD, reader, events, reader, 0);
    },
  },
  {
    name: 'timerfd',
    since: '2.6.27',
    without: 'there is no `Timer`',
    run: (opened) => {
      const fd = opened.own(native.timerCreate(), 'timerfd_create');
      return native.timerSet(fd, false, BigInt64Array.of(1_000_000n, 0n));
    },
  },
  {
    name: 'inotify',
    since: '2.6.27',
    without: 'there is no `FileWatch`',
    run: (opened) => {
      const queue = opened.own(native.openFileQueue(), 'inotify_init1');
      return native.addFileWatch(queue, Buffer.from('/\0'));
    },
  },
  {
    name: 'pidfd_open',
    since: '5.3',
    without: 'there is no `processExit`',
    run: (opened) => opened.own(native.pidfdOpen(process.pid), 'pidfd_open'),
  },
  {
    name: 'PIDFD_INFO_EXIT',
    since: '6.15',
    without: '`processExit` reports when a process that is not a child has ended, but not how',
    // Only for a reaped process; a kernel before 6.15 may know the ioctl, but not this part of its result.
    run: async (opened) => {
      const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
      const exited = once(child, 'exit');
      // If no process can be started, `exited` rejects with the reason.
      if (child.pid === undefined) await exited;
      const fd = opened.own(native.pidfdOpen(child.pid ?? -1), 'pidfd_open');
      await exited;
      return native.pidfdExitStatus(fd);
    },
  },
  {
    name: 'splice',
    since: '2.6.17',
    without: '`pipeTo` copies every byte through the process',
    run: (opened) => {
      const [, to] = opened.pipe();
      const [from, source] = opened.socketPair(native.SOCK_STREAM);
      native.send(source, NOW, 0, 1);
      return native.splice(from, to, 1);
    },
  },
  {
    name: 'UDP_SEGMENT (GSO)',
    since: '4.18',
    without: '`sendMany` passes the datagrams of a train to the kernel one by one',
    run: (opened) => native.checkSegments(opened.socket(native.AF_INET, native.SOCK_DGRAM)),
  },
  {
    name: 'UDP_GRO',
    since: '5.0',
    without: '`receiveMany` gets the datagrams of a train one by one',
    run: (opened) => native.enableTrains(opened.socket(native.AF_INET, native.SOCK_DGRAM)),
  },
];
