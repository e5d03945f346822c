package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PackingTest {
    private static final int ROWS = 3 * GemmKernel.ROWS + 1;
    private static final int TERMS = 21;

    /** Adjacent rows, terms and neither; terms that are apart by a multiple of what the first cache holds of a way are copied in parts. */
    @ParameterizedTest
    @CsvSource({"1, 40", "1, 1024", "64, 1", "64, 2"})
    void rowsAreInPanels(int rowStride, int termStride) {
        float[] values = new float[(ROWS - 1) * rowStride + (TERMS - 1) * termStride + 1];
        for (int i = 0; i < values.length; i++) {
            values[i] = i + 1;
        }
        int panel = Packing.rowPanel(GemmKernel.ROWS, TERMS);
        float[] packed = new float[4 * panel + Lanes.L];
        Packing.rows(new Matrix(values, 0, ROWS, TERMS, rowStride, termStride), 0, 0, 0, ROWS, TERMS, packed, 0);
        for (int row = 0; row < 4 * GemmKernel.ROWS; row++) {
            for (int term = 0; term < TERMS; term++) {
                int at = row / GemmKernel.ROWS * panel + term * MicroKernels.PANEL + row % GemmKernel.ROWS;
                float expected = row < ROWS ? row * rowStride + term * termStride + 1 : 0;
                assertThat(packed[at]).as("row %d, term %d", row, term).isEqualTo(expected);
            }
        }
    }
}
