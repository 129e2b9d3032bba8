/** How many times longer everything may take, and what is measured lasts: under an emulator. */
export const PATIENCE = Number(process.env['IOMUX_TEST_PATIENCE'] ?? 1);
