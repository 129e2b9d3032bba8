// <sys/event.h> of macOS and FreeBSD 14, but for the number of its filters, which grows. The values
// are the kernels' interface, and are here on every system, macOS's where there is no kqueue, so that
// programs can be written and typed anywhere.

/** There is something to read, the end of it, or a connection to accept; `data` is how much. */
export const EVFILT_READ = -1;
/** A write would not block; `data` is the room for it. */
export const EVFILT_WRITE = -2;
export const EVFILT_AIO = -3;
/** The file behind the descriptor has changed: NOTE_DELETE, NOTE_WRITE and so on say how. */
export const EVFILT_VNODE = -4;
/** The process `ident` has forked, executed or ended. */
export const EVFILT_PROC = -5;
/** The signal `ident` was sent; `data` is how often. Its disposition is left alone. */
export const EVFILT_SIGNAL = -6;
/** A timer that the program names by `ident`; `data` is its period, and how often it has expired. */
export const EVFILT_TIMER = -7;
export const EVFILT_FS = -9;

export const EV_ADD = 0x0001;
export const EV_DELETE = 0x0002;
export const EV_ENABLE = 0x0004;
export const EV_DISABLE = 0x0008;
/** Removed after one event. */
export const EV_ONESHOT = 0x0010;
/** Edge-triggered. */
export const EV_CLEAR = 0x0020;
/** The change is answered with EV_ERROR, `data` 0 if it was made. */
export const EV_RECEIPT = 0x0040;
/** Disabled after one event. */
export const EV_DISPATCH = 0x0080;
export const EV_FLAG1 = 0x2000;
export const EV_SYSFLAGS = 0xf000;
/** The answer to a change: `data` is its errno. */
export const EV_ERROR = 0x4000;
/** The filter's direction has ended. */
export const EV_EOF = 0x8000;

export const NOTE_FFNOP = 0x00000000;
export const NOTE_TRIGGER = 0x01000000;
export const NOTE_FFAND = 0x40000000;
export const NOTE_FFOR = 0x80000000;
export const NOTE_FFCOPY = 0xc0000000;
export const NOTE_FFCTRLMASK = 0xc0000000;
export const NOTE_FFLAGSMASK = 0x00ffffff;

export const NOTE_LOWAT = 0x0001;

export const NOTE_DELETE = 0x0001;
export const NOTE_WRITE = 0x0002;
export const NOTE_EXTEND = 0x0004;
export const NOTE_ATTRIB = 0x0008;
export const NOTE_LINK = 0x0010;
export const NOTE_RENAME = 0x0020;
export const NOTE_REVOKE = 0x0040;

export const NOTE_TRACK = 0x00000001;
export const NOTE_TRACKERR = 0x00000002;
export const NOTE_CHILD = 0x00000004;
export const NOTE_PDATAMASK = 0x000fffff;
export const NOTE_EXEC = 0x20000000;
export const NOTE_FORK = 0x40000000;
export const NOTE_EXIT = 0x80000000;

export const NOTE_SECONDS = 0x0001;

/** Where the systems differ: macOS, FreeBSD. `undefined` is what a system does not have. */
const TABLE = {
  EVFILT_MACHPORT: [-8, undefined],
  EVFILT_PROCDESC: [undefined, -8],
  EVFILT_LIO: [undefined, -10],
  EVFILT_USER: [-10, -11],
  EVFILT_VM: [-12, undefined],
  EVFILT_SENDFILE: [undefined, -12],
  EVFILT_EMPTY: [undefined, -13],
  EVFILT_EXCEPT: [-15, undefined],

  EV_UDATA_SPECIFIC: [0x0100, undefined],
  EV_DISPATCH2: [0x0180, undefined],
  EV_VANISHED: [0x0200, undefined],
  EV_FLAG0: [0x1000, undefined],
  EV_POLL: [0x1000, undefined],
  EV_OOBAND: [0x2000, undefined],
  EV_FORCEONESHOT: [undefined, 0x0100],
  EV_KEEPUDATA: [undefined, 0x0200],
  EV_DROP: [undefined, 0x1000],
  EV_FLAG2: [undefined, 0x4000],

  // EVFILT_READ, EVFILT_EXCEPT
  NOTE_OOB: [0x0002, undefined],
  NOTE_FILE_POLL: [undefined, 0x0002],

  // EVFILT_VNODE
  NOTE_NONE: [0x0080, undefined],
  NOTE_FUNLOCK: [0x0100, undefined],
  NOTE_LEASE_DOWNGRADE: [0x0200, undefined],
  NOTE_LEASE_RELEASE: [0x0400, undefined],
  NOTE_OPEN: [undefined, 0x0080],
  NOTE_CLOSE: [undefined, 0x0100],
  NOTE_CLOSE_WRITE: [undefined, 0x0200],
  NOTE_READ: [undefined, 0x0400],

  // EVFILT_PROC
  NOTE_PCTRLMASK: [0xfff00000, 0xf0000000],
  NOTE_EXIT_DECRYPTFAIL: [0x00010000, undefined],
  NOTE_EXIT_MEMORY: [0x00020000, undefined],
  NOTE_EXIT_CSERROR: [0x00040000, undefined],
  NOTE_EXIT_DETAIL_MASK: [0x00070000, undefined],
  NOTE_EXIT_REPARENTED: [0x00080000, undefined],
  NOTE_EXIT_DETAIL: [0x02000000, undefined],
  NOTE_EXITSTATUS: [0x04000000, undefined],
  NOTE_SIGNAL: [0x08000000, undefined],
  NOTE_REAP: [0x10000000, undefined],

  // EVFILT_VM
  NOTE_VM_ERROR: [0x10000000, undefined],
  NOTE_VM_PRESSURE_SUDDEN_TERMINATE: [0x20000000, undefined],
  NOTE_VM_PRESSURE_TERMINATE: [0x40000000, undefined],
  NOTE_VM_PRESSURE: [0x80000000, undefined],

  // EVFILT_TIMER; milliseconds where none of the units is given
  NOTE_MSECONDS: [undefined, 0x0002],
  NOTE_USECONDS: [0x0002, 0x0004],
  NOTE_NSECONDS: [0x0004, 0x0008],
  NOTE_ABSOLUTE: [0x0008, undefined],
  NOTE_ABSTIME: [undefined, 0x0010],
  NOTE_LEEWAY: [0x0010, undefined],
  NOTE_CRITICAL: [0x0020, undefined],
  NOTE_BACKGROUND: [0x0040, undefined],
  NOTE_MACH_CONTINUOUS_TIME: [0x0080, undefined],
  NOTE_MACHTIME: [0x0100, undefined],
} as const;

type Name = keyof typeof TABLE;
type Value<N extends Name> = undefined extends (typeof TABLE)[N][number]
  ? number | undefined
  : number;

const column = process.platform === 'freebsd' ? 1 : 0;

export const {
  EVFILT_MACHPORT,
  EVFILT_PROCDESC,
  EVFILT_LIO,
  EVFILT_USER,
  EVFILT_VM,
  EVFILT_SENDFILE,
  EVFILT_EMPTY,
  EVFILT_EXCEPT,
  EV_UDATA_SPECIFIC,
  EV_DISPATCH2,
  EV_VANISHED,
  EV_FLAG0,
  EV_POLL,
  EV_OOBAND,
  EV_FORCEONESHOT,
  EV_KEEPUDATA,
  EV_DROP,
  EV_FLAG2,
  NOTE_OOB,
  NOTE_FILE_POLL,
  NOTE_NONE,
  NOTE_FUNLOCK,
  NOTE_LEASE_DOWNGRADE,
  NOTE_LEASE_RELEASE,
  NOTE_OPEN,
  NOTE_CLOSE,
  NOTE_CLOSE_WRITE,
  NOTE_READ,
  NOTE_PCTRLMASK,
  NOTE_EXIT_DECRYPTFAIL,
  NOTE_EXIT_MEMORY,
  NOTE_EXIT_CSERROR,
  NOTE_EXIT_DETAIL_MASK,
  NOTE_EXIT_REPARENTED,
  NOTE_EXIT_DETAIL,
  NOTE_EXITSTATUS,
  NOTE_SIGNAL,
  NOTE_REAP,
  NOTE_VM_ERROR,
  NOTE_VM_PRESSURE_SUDDEN_TERMINATE,
  NOTE_VM_PRESSURE_TERMINATE,
  NOTE_VM_PRESSURE,
  NOTE_MSECONDS,
  NOTE_USECONDS,
  NOTE_NSECONDS,
  NOTE_ABSOLUTE,
  NOTE_ABSTIME,
  NOTE_LEEWAY,
  NOTE_CRITICAL,
  NOTE_BACKGROUND,
  NOTE_MACH_CONTINUOUS_TIME,
  NOTE_MACHTIME,
} = Object.fromEntries(Object.entries(TABLE).map(([name, row]) => [name, row[column]])) as {
  readonly [N in Name]: Value<N>;
};
