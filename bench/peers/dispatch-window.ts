import { setTimeout as sleep } from 'node:timers/promises';

import { engine } from '../servers/engine';
import { answerLines } from '../servers/lifecycle';
import { uvPoll } from './uv-poll';

/** Starts to wait for a descriptor, and calls `count` for each event. Returns a function that stops it. */
export type Waiting = (fd: number, count: () => void) => () => Promise<void> | void;

/** Waits over and over in an async loop, as programs with promises do. Returns a function that stops it. */
export function loopOn(wait: () => Promise<void>, count: () => void): () => Promise<void> {
  let running = true;
  const loop = async (): Promise<void> => {
    while (running) {
      await wait();
      count();
    }
  };
  const ended = loop();
  return () => {
    running = false;
    return ended;
  };
}

/**
 * Counts the events of always-ready descriptors, in turns. Answers each with
 * `{"events":N,"seconds":S,"cpuSeconds":S,"looks":[]}`; `looks` are the counters of V8 before and after.
 * Arguments: style, descriptors, seconds that do not count, seconds that count.
 */
export function countDispatches(styles: Record<string, Waiting>): void {
  const [style = '', ...numbers] = process.argv.slice(2);
  const [descriptorCount = NaN, lead = NaN, measured = NaN] = numbers.map(Number);
  const waitOn = styles[style];
  if (!waitOn) throw new Error(`There is no style ${style}`);

  let events = 0;
  const count = (): void => {
    events += 1;
  };
  const descriptors = Array.from({ length: descriptorCount }, () => uvPoll.readyDescriptor());

  answerLines('', async () => {
    const stops = descriptors.map((fd) => waitOn(fd, count));
    await sleep(lead * 1000);
    const engineBefore = engine();
    const before = { events, time: performance.now(), cpu: process.cpuUsage() };
    await sleep(measured * 1000);
    const after = { events, time: performance.now(), cpu: process.cpuUsage(before.cpu) };
    const looks = [engineBefore, engine()];
    const endings = stops.map((stop) => stop());
    for (const ending of endings) await ending;
    return {
      events: after.events - before.events,
      seconds: (after.time - before.time) / 1e3,
      cpuSeconds: (after.cpu.user + after.cpu.system) / 1e6,
      looks,
    };
  });
}
