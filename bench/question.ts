/**
 * What one run of one peer measured. The names are the question's own and carry the unit where it
 * is not a count.
 */
export type Sample = Readonly<Record<string, number>>;

/** The circumstances that tell one comparison of a question from another. */
export type Parameters = Readonly<Record<string, number>>;

/** One way to do the work. Every call is a run of its own, in processes of its own. */
export interface Peer {
  readonly name: string;
  readonly measure: () => Promise<Sample>;
  /**
   * Costs that need no clock and no repetition. They are counted apart, since counting slows the
   * peer down.
   */
  readonly count?: () => Promise<Sample>;
}

/** The same work under the same circumstances, done by every peer. */
export interface Comparison {
  readonly title: string;
  readonly parameters: Parameters;
  readonly peers: readonly Peer[];
}

/** A comparison that has been made. All peers have the same number of samples: one per round. */
export interface Result {
  readonly title: string;
  readonly parameters: Parameters;
  readonly peers: readonly PeerResult[];
}

export interface PeerResult {
  readonly name: string;
  readonly samples: readonly Sample[];
  readonly counts?: Sample;
}

/** One column of the printed table. */
export interface Column {
  readonly title: string;
  cell(peer: PeerResult, result: Result): string;
}

/** A bound on the median, over the rounds, of the ratio of `peer` to `base` within a round. */
export interface Target {
  readonly at: Parameters;
  readonly metric: string;
  readonly peer: string;
  readonly base: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** A sign behind the name of a peer whose numbers need a caveat. */
export interface Mark {
  readonly sign: string;
  readonly meaning: string;
  applies(peer: PeerResult, result: Result): boolean;
}

/**
 * Everything that is known about one question: what is compared, how it is printed, what is
 * promised.
 */
export interface Question {
  readonly name: string;
  /** The question itself, one sentence. */
  readonly asks: string;
  readonly columns: readonly Column[];
  readonly marks?: readonly Mark[];
  /** What a reader of the tables must know besides. */
  notes?(): readonly string[];
  comparisons(context: Context): readonly Comparison[];
  /** `nodeMajor`: of the Node under test, whose own speed differs between versions. */
  targets(nodeMajor: number): readonly Target[];
}

/** What the command line and the machine say. */
export interface Context {
  /** How many comparisons are made: the most telling ones, the usual ones, or all. */
  readonly extent: 'quick' | 'normal' | 'full';
  /** Path of the Node under test. */
  readonly node: string;
  /** Where the packages of other authors are, if they were asked for. */
  readonly peerPackages: string | undefined;
  /** The measured process runs on one core and whatever drives it on another. */
  readonly cores: { readonly server: number; readonly generator: number };
  /** Aborted when the user gives up. */
  readonly signal: AbortSignal;
}
