/** What reads ask of that which brings the bytes: of a Channel, or of something that can do as much. */
export interface Carrier {
  readonly fd: number;
  readonly transport: { readonly receiveCall: string };
  /** Whether `receive` may find something. */
  readonly mayRead: boolean;
  /** The same as the kernel has it now: the event loop may not have had its turn since. */
  readonly mayTryRead: boolean;
  takeTurn(): boolean;
  /** How many bytes, 0 at the end, or a negated errno. */
  receive(into: Uint8Array): number;
  spliceInto(pipe: number, length: number): number;
  /** From now on tells when there may be something, or why it cannot. */
  park(): Error | null;
  hold(): void;
  release(): void;
}
