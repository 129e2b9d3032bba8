// What vitest starts its processes with, and they theirs: the emulator instead of this program.
process.execPath = process.env.IOMUX_TEST_EXECUTABLE;
