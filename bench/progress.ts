/**
 * Says on standard error what is running: one line that changes on a terminal, one line per step
 * elsewhere.
 */
export class Progress {
  readonly #total: number;
  readonly #begin = performance.now();
  #done = 0;
  #step = '';

  /** @param total how many runs there are */
  constructor(total: number) {
    this.#total = total;
  }

  /** Call before a run. `step` is what the runs of one comparison have in common. */
  advance(step: string, detail: string): void {
    const done = this.#done / this.#total;
    this.#done += 1;
    if (process.stderr.isTTY) {
      const percent = `${(done * 100).toFixed().padStart(3)} %`;
      process.stderr.write(`\r\x1b[K${percent}${this.#left(done)}  ${step}, ${detail}`);
    } else if (step !== this.#step) {
      process.stderr.write(`${step}\n`);
    }
    this.#step = step;
  }

  /** Removes the line, to make room for other output. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }

  #left(done: number): string {
    // Too early for an estimate.
    if (done < 0.02) return '';
    const milliseconds = ((performance.now() - this.#begin) / done) * (1 - done);
    return `, ${(milliseconds / 1000).toFixed()} s left`;
  }
}
