package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.zip.CRC32;
import org.alborz.backend.SoftmaxCrossEntropy;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.random.RandomStream;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Softmax and cross-entropy of short, long, few and many rows. */
final class VectorSoftmaxTest {
    /** Units in the last place of what is 16 at most; x − max is rounded to that. */
    private static final double SPREAD = 8;

    @ParameterizedTest
    @CsvSource({"1, 1", "5, 3", "700, 10", "2000, 10", "3, 16", "40, 63", "70, 64", "9, 65", "33, 1000", "3, 5003"})
    void rowsEqualTheReference(int rows, int width) {
        try (Pair pair = new Pair(3)) {
            Layout layout = Layout.rowMajor(Shape.of(rows, width));
            Twin x = logits(pair, layout);
            Twin y = pair.empty(layout);
            pair.vector.softmax().softmax(x.vector(), y.vector());
            pair.scalar.softmax().softmax(x.scalar(), y.scalar());
            pair.assertClose("softmax", y, SPREAD);
            pair.vector.softmax().logSoftmax(x.vector(), y.vector());
            pair.scalar.softmax().logSoftmax(x.scalar(), y.scalar());
            pair.assertClose("log softmax", y, 4);
        }
    }

    /** One vector is one row; in a batch it is among others, and with other threads in another task. */
    @Test
    void aRowHasTheSameResultInEveryBatch() {
        int width = 1027;
        try (Pair one = new Pair(1);
                Pair many = new Pair(5)) {
            Layout layout = Layout.rowMajor(Shape.of(40, width));
            Twin batch = logits(many, layout);
            Twin results = many.empty(layout);
            many.vector.softmax().softmax(batch.vector(), results.vector());
            float[] x = many.read(batch);
            float[] y = many.read(results);
            Layout single = Layout.rowMajor(Shape.of(width));
            Twin row = one.empty(single);
            Twin result = one.empty(single);
            for (int r = 0; r < 40; r++) {
                float[] padded = new float[width + 3];
                System.arraycopy(x, r * width, padded, 3, width);
                one.fill(row, padded);
                one.vector.softmax().softmax(row.vector(), result.vector());
                float[] expected = Arrays.copyOfRange(y, r * width, (r + 1) * width);
                assertThat(one.read(result)).isEqualTo(expected);
            }
        }
    }

    /** A number that was taken with 16 lanes; whoever has others gets the same. */
    @Test
    void theBitsDoNotDependOnTheNumberOfLanes() {
        CRC32 crc = new CRC32();
        try (Pair pair = new Pair(2)) {
            for (int width : new int[] {10, 16, 100, 5003}) {
                int rows = 20_000 / width;
                Layout layout = Layout.rowMajor(Shape.of(rows, width));
                Twin x = logits(pair, layout);
                Twin y = pair.empty(layout);
                pair.vector.softmax().softmax(x.vector(), y.vector());
                add(crc, pair.read(y));
                pair.vector.softmax().logSoftmax(x.vector(), y.vector());
                add(crc, pair.read(y));
                Twin losses = pair.empty(Layout.rowMajor(Shape.of(rows)));
                Twin labels = pair.labels(rows, 1);
                SoftmaxCrossEntropy fused =
                        pair.vector.fusion(SoftmaxCrossEntropy.class).orElseThrow();
                fused.forward(0.1, x.vector(), labels.vector(), losses.vector());
                add(crc, pair.read(losses));
                fused.backward(0.1, x.vector(), labels.vector(), losses.vector(), y.vector());
                add(crc, pair.read(y));
            }
        }
        assertThat(crc.getValue()).isEqualTo(3_004_586_952L);
    }

    static void add(CRC32 crc, float[] values) {
        for (float value : values) {
            int bits = Float.floatToIntBits(value);
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                crc.update(bits >> shift & 0xFF);
            }
        }
    }

    private static Twin logits(Pair pair, Layout layout) {
        Twin x = pair.empty(layout);
        float[] values = new float[(int) x.vector().buffer().elements()];
        RandomStream random = new RandomStream(7, 0);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((random.uniform() - 0.5) * 16);
        }
        pair.fill(x, values);
        return x;
    }
}
