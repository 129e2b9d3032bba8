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

const isFreeBSD = process.platform === 'freebsd';

/** A constant that the systems have with different values. */
function either(macOS: number, freeBSD: number): number {
  return isFreeBSD ? freeBSD : macOS;
}

/** One that the other system does not have. */
function onMacOS(value: number): number | undefined {
  return isFreeBSD ? undefined : value;
}
function onFreeBSD(value: number): number | undefined {
  return isFreeBSD ? value : undefined;
}

export const EVFILT_MACHPORT = onMacOS(-8);
export const EVFILT_PROCDESC = onFreeBSD(-8);
export const EVFILT_LIO = onFreeBSD(-10);
export const EVFILT_USER = either(-10, -11);
export const EVFILT_VM = onMacOS(-12);
export const EVFILT_SENDFILE = onFreeBSD(-12);
export const EVFILT_EMPTY = onFreeBSD(-13);
export const EVFILT_EXCEPT = onMacOS(-15);

export const EV_UDATA_SPECIFIC = onMacOS(0x0100);
export const EV_DISPATCH2 = onMacOS(0x0180);
export const EV_VANISHED = onMacOS(0x0200);
export const EV_FLAG0 = onMacOS(0x1000);
export const EV_POLL = onMacOS(0x1000);
export const EV_OOBAND = onMacOS(0x2000);
export const EV_FORCEONESHOT = onFreeBSD(0x0100);
export const EV_KEEPUDATA = onFreeBSD(0x0200);
export const EV_DROP = onFreeBSD(0x1000);
export const EV_FLAG2 = onFreeBSD(0x4000);

// EVFILT_READ, EVFILT_EXCEPT
export const NOTE_OOB = onMacOS(0x0002);
export const NOTE_FILE_POLL = onFreeBSD(0x0002);

// EVFILT_VNODE
export const NOTE_NONE = onMacOS(0x0080);
export const NOTE_FUNLOCK = onMacOS(0x0100);
export const NOTE_LEASE_DOWNGRADE = onMacOS(0x0200);
export const NOTE_LEASE_RELEASE = onMacOS(0x0400);
export const NOTE_OPEN = onFreeBSD(0x0080);
export const NOTE_CLOSE = onFreeBSD(0x0100);
export const NOTE_CLOSE_WRITE = onFreeBSD(0x0200);
export const NOTE_READ = onFreeBSD(0x0400);

// EVFILT_PROC
export const NOTE_PCTRLMASK = either(0xfff00000, 0xf0000000);
export const NOTE_EXIT_DECRYPTFAIL = onMacOS(0x00010000);
export const NOTE_EXIT_MEMORY = onMacOS(0x00020000);
export const NOTE_EXIT_CSERROR = onMacOS(0x00040000);
export const NOTE_EXIT_DETAIL_MASK = onMacOS(0x00070000);
export const NOTE_EXIT_REPARENTED = onMacOS(0x00080000);
export const NOTE_EXIT_DETAIL = onMacOS(0x02000000);
export const NOTE_EXITSTATUS = onMacOS(0x04000000);
export const NOTE_SIGNAL = onMacOS(0x08000000);
export const NOTE_REAP = onMacOS(0x10000000);

// EVFILT_VM
export const NOTE_VM_ERROR = onMacOS(0x10000000);
export const NOTE_VM_PRESSURE_SUDDEN_TERMINATE = onMacOS(0x20000000);
export const NOTE_VM_PRESSURE_TERMINATE = onMacOS(0x40000000);
export const NOTE_VM_PRESSURE = onMacOS(0x80000000);

// EVFILT_TIMER; milliseconds where none of the units is given
export const NOTE_MSECONDS = onFreeBSD(0x0002);
export const NOTE_USECONDS = either(0x0002, 0x0004);
export const NOTE_NSECONDS = either(0x0004, 0x0008);
export const NOTE_ABSOLUTE = onMacOS(0x0008);
export const NOTE_ABSTIME = onFreeBSD(0x0010);
export const NOTE_LEEWAY = onMacOS(0x0010);
export const NOTE_CRITICAL = onMacOS(0x0020);
export const NOTE_BACKGROUND = onMacOS(0x0040);
export const NOTE_MACH_CONTINUOUS_TIME = onMacOS(0x0080);
export const NOTE_MACHTIME = onMacOS(0x0100);
