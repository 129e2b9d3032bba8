/** The factor by which time limits and measured times are longer: under an emulator. */
export const PATIENCE = Number(process.env['IOMUX_TEST_PATIENCE'] ?? 1);
