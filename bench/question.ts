/**
 * What one run of one peer measured. The names are the question's own and carry the unit where it
 * is not a count.
 */
export type Sample = Readonly<Record<string, number>>;

/** The circumstances that tell one comparison of a question from another. */
export type Parameters = Readonly<Record<string, number>>;

/** One way to do the work, in processes of its own. Every call is a run of its own. */
export interface Peer {
  readonly name: string;
  readonly measure: () => Promise<Sample>;
  /** Ends what the runs have in common. Another run starts it anew. */
  readonly close?: () => Promise<void>;
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
  /** How many turns a peer has in a round, A B C A B C; 1 by default. The round has their median. */
  readonly turns?: number;
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
  /** The number whose median it prints, if it is one. */
  readonly metric?: string;
  /** The peer that it compares a peer with, if it compares. */
  readonly baseOf?: (peer: string) => string;
  cell(peer: PeerResult, result: Result): string;
}

/**
 * How a number is drawn: a panel for each comparison with a row for each peer, or, `along` a
 * parameter, a panel with a line for each peer.
 */
export interface Plot {
  readonly metric: string;
  /** What the number is, with its unit. */
  readonly label: string;
  /** The parameter on the x axis; comparisons that differ in others too go to other panels. */
  readonly along?: {
    readonly parameter: string;
    readonly label: string;
    readonly scale: 'linear' | 'log';
  };
  /** Of the number, along a parameter: linear unless it says otherwise. Bars begin at zero. */
  readonly scale?: 'linear' | 'log';
}

/**
 * A bound on the median, over the rounds, of the ratio of `peer` to `base` within a round; without a
 * base, of what `peer` has measured.
 */
export interface Target {
  readonly at: Parameters;
  readonly metric: string;
  readonly peer: string;
  readonly base?: string;
  /** Where the base was measured, if that was another comparison. */
  readonly baseAt?: Parameters;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** The sign of a row that is not to be trusted: no target is judged by it. */
export const DISTURBED = '‡';

/** A sign behind the name of a peer whose numbers need a caveat. */
export interface Mark {
  readonly sign: '†' | typeof DISTURBED;
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
  /** What is counted for each operation, and what that is: a table of its own. */
  readonly counters?: { readonly operation: string; readonly columns: readonly Column[] };
  readonly marks?: readonly Mark[];
  /** What the report draws: by default the number of the first column that has one. */
  readonly plots?: readonly Plot[];
  /** Its lines are a picture of their own too, for a document. */
  readonly pictured?: true;
  /** What a reader of the tables must know besides. */
  notes?(): readonly string[];
  /** None where the question is not asked: a quick run leaves some out. */
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
