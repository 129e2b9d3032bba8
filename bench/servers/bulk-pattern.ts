const PERIOD = 4093;
/** The greatest number of whole periods that fits into 64 KiB. */
const LENGTH = 16 * PERIOD;

/**
 * What a sender sends over and over. The sink compares it with the pattern of
 * `bench/native/load/pattern.h`, which is made with `minstd_rand` of C++.
 */
export function patternChunk(): Buffer {
  const chunk = Buffer.alloc(LENGTH);
  let state = 1;
  for (let index = 0; index < PERIOD; index += 1) {
    state = (state * 48271) % 2147483647;
    chunk[index] = state >> 8;
  }
  for (let start = PERIOD; start < LENGTH; start += PERIOD) chunk.copy(chunk, start, 0, PERIOD);
  return chunk;
}
