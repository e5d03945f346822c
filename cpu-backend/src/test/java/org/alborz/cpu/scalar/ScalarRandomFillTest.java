package org.alborz.cpu.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.alborz.random.Philox;
import org.alborz.random.RandomKey;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;

class ScalarRandomFillTest {
    private static final RandomKey KEY = new RandomKey(42, 7, (1L << 32) - 1);

    private final ScalarRandomFill random = new ScalarRandomFill();

    private static long word(int i) {
        int[] words = new int[4];
        Philox.block(KEY.seed(), KEY.stream(), KEY.counter() + i / 4, words, 0);
        return Integer.toUnsignedLong(words[i % 4]);
    }

    @FloatingTypes
    void uniformTakesTheUpper24Bits(DType dtype) {
        Tensor y = Tensor.undefined(dtype, Layout.rowMajor(Shape.of(11)).shift(2));
        random.uniform(KEY, y);
        for (int i = 0; i < 11; i++) {
            assertThat(y.get(i)).isEqualTo((word(i) >> 8) / 16777216.0);
        }
    }

    @FloatingTypes
    void normalFollowsBoxAndMuller(DType dtype) {
        Tensor y = Tensor.undefined(dtype, 63);
        random.normal(KEY, y);
        double[] expected = new double[63];
        for (int i = 0; i < 63; i++) {
            double r = Math.sqrt(-2 * Math.log((word(i & ~1) + 1) / 4294967296.0));
            double t = 2 * Math.PI * word(i | 1) / 4294967296.0;
            expected[i] = r * (i % 2 == 0 ? Math.cos(t) : Math.sin(t));
        }
        y.assertClose(expected, dtype == DType.FLOAT32 ? 2e-7 : 4e-15);
    }

    @FloatingTypes
    void fillsInMemoryOrder(DType dtype) {
        Tensor rows = Tensor.undefined(dtype, 1, 3, 2, 2);
        Tensor image = Tensor.undefined(dtype, Layout.channelsLast(Shape.of(1, 3, 2, 2)));
        random.uniform(KEY, rows);
        random.uniform(KEY, image);
        for (int i = 0; i < 12; i++) {
            assertThat(image.buffer().get(i)).isEqualTo(rows.buffer().get(i));
        }
        random.uniform(KEY, Tensor.undefined(dtype, 0));
        random.normal(KEY, Tensor.undefined(dtype, 0));
    }

    @Test
    void normalHasMeanZeroAndVarianceOne() {
        Tensor y = Tensor.undefined(DType.FLOAT64, 40001);
        random.normal(KEY, y);
        double sum = 0;
        double squares = 0;
        for (double value : y.values()) {
            sum += value;
            squares += value * value;
        }
        // Four standard errors.
        assertThat(sum / 40001).isCloseTo(0, within(0.02));
        assertThat(squares / 40001).isCloseTo(1, within(0.03));
    }
}
