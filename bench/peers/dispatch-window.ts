import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { engine } from '../servers/engine';
import { uvPoll } from './uv-poll';

/** Begins to wait on a descriptor, and calls `count` for each event. Returns how to stop. */
export type Waiting = (fd: number, count: () => void) => () => Promise<void> | void;

/** A loop that waits again and again, as a program with promises is written. */
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
 * Counts the events of always-ready descriptors and prints `{"events":N,"seconds":S,"cpuSeconds":S,"looks":[]}`,
 * with what the engine had counted before and after.
 * Arguments: style, descriptors, warm-up seconds, seconds.
 */
export async function countDispatches(styles: Record<string, Waiting>): Promise<void> {
  const [style = '', ...numbers] = process.argv.slice(2);
  const [descriptorCount = NaN, warmUp = NaN, measured = NaN] = numbers.map(Number);
  const waitOn = styles[style];
  if (!waitOn) throw new Error(`There is no style ${style}`);

  let events = 0;
  const count = (): void => {
    events += 1;
  };
  const descriptors = Array.from({ length: descriptorCount }, () => uvPoll.readyDescriptor());
  const stops = descriptors.map((fd) => waitOn(fd, count));

  await sleep(warmUp * 1000);
  const engineBefore = engine();
  const before = { events, time: performance.now(), cpu: process.cpuUsage() };
  await sleep(measured * 1000);
  const after = { events, time: performance.now(), cpu: process.cpuUsage(before.cpu) };
  const looks = [engineBefore, engine()];

  const endings = stops.map((stop) => stop());
  for (const ending of endings) await ending;
  for (const fd of descriptors) closeSync(fd);
  const report = {
    events: after.events - before.events,
    seconds: (after.time - before.time) / 1e3,
    cpuSeconds: (after.cpu.user + after.cpu.system) / 1e6,
    looks,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
