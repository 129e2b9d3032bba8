/**
 * What one run of one peer measured, by name. Each question has names of its own, which include the unit
 * unless the number is a count.
 */
export type Sample = Readonly<Record<string, number>>;

/** The parameters in which the comparisons of a question differ. */
export type Parameters = Readonly<Record<string, number>>;

/** One of the programs that are compared, in processes of its own. Each call of `measure` is a run. */
export interface Peer {
  readonly name: string;
  readonly measure: () => Promise<Sample>;
  /** Ends the processes that the runs share; another run starts them again. */
  readonly close?: () => Promise<void>;
  /**
   * Counts costs that are exact, so that one run is enough. It is a run of its own, since counting slows
   * the peer down.
   */
  readonly count?: () => Promise<Sample>;
}

/** The same work with the same parameters, done by every peer. */
export interface Comparison {
  readonly title: string;
  readonly parameters: Parameters;
  readonly peers: readonly Peer[];
  /**
   * How many turns each peer has in a round, taken alternately (A B C A B C); `TURNS` by default. The
   * sample of the round is their median.
   */
  readonly turns?: number;
}

/** The outcome of a comparison. All peers have the same number of samples: one per round. */
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
  /** The metric whose median it prints, if it prints one. */
  readonly metric?: string;
  /** For a ratio: the peer that the given peer is compared with. */
  readonly baseOf?: (peer: string) => string;
  cell(peer: PeerResult, result: Result): string;
}

/**
 * How a metric is drawn: a panel for each comparison with a row for each peer, or, `along` a parameter, a
 * panel with a line for each peer.
 */
export interface Plot {
  readonly metric: string;
  /** What the metric is, with its unit. */
  readonly label: string;
  /** The parameter on the x axis. Comparisons that differ in other parameters too go to separate panels. */
  readonly along?: {
    readonly parameter: string;
    readonly label: string;
    readonly scale: 'linear' | 'log';
  };
  /** The y axis of a plot along a parameter; linear by default. Bars always begin at zero. */
  readonly scale?: 'linear' | 'log';
}

/**
 * A bound on the median, over the rounds, of the ratio of `peer` to `base` within a round; without a base,
 * of what `peer` measured.
 */
export interface Target {
  readonly at: Parameters;
  readonly metric: string;
  readonly peer: string;
  readonly base?: string;
  /** The comparison in which the base was measured, if it is another one. */
  readonly baseAt?: Parameters;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Marks a row that was disturbed: no target is judged by it. */
export const DISTURBED = '‡';

/** A sign after the name of a peer whose numbers need a caveat. */
export interface Mark {
  readonly sign: '†' | typeof DISTURBED;
  readonly meaning: string;
  applies(peer: PeerResult, result: Result): boolean;
}

/** One question: what is compared, how it is printed, and what the targets are. */
export interface Question {
  readonly name: string;
  /** The question itself, one sentence. */
  readonly asks: string;
  readonly columns: readonly Column[];
  /** The table of exact costs: what they are counted per, and its columns. */
  readonly counters?: { readonly operation: string; readonly columns: readonly Column[] };
  readonly marks?: readonly Mark[];
  /** What the report draws: by default the metric of the first column that has one. */
  readonly plots?: readonly Plot[];
  /** Its line plots are also written to a file of their own, for a document. */
  readonly pictured?: true;
  /** Printed below the tables: what a reader must know besides. */
  notes?(): readonly string[];
  /** Empty where the extent leaves the question out. */
  comparisons(context: Context): readonly Comparison[];
  /** @param nodeMajor of the Node under test: the bounds depend on how fast its own modules are */
  targets(nodeMajor: number): readonly Target[];
}

/** What all questions are measured with; set by the command line and the machine. */
export interface Context {
  /** How many comparisons are made: the most telling ones, the usual ones, or all. */
  readonly extent: 'quick' | 'normal' | 'full';
  /** Path of the Node under test. */
  readonly node: string;
  /** The folder of the peers from npm, if they were asked for. */
  readonly peerPackages: string | undefined;
  /** The measured process runs on one core and whatever drives it on another. */
  readonly cores: { readonly server: number; readonly generator: number };
  /** Aborted when the user interrupts the run. */
  readonly signal: AbortSignal;
}
