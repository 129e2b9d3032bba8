// Has vitest start its processes, and these theirs, with the emulator instead of this program.
process.execPath = process.env.IOMUX_TEST_EXECUTABLE;
