package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.alborz.backend.GeluGradient;
import org.alborz.cpu.scalar.ErrorFunction;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class VectorGeluGradientTest {
    /** No multiple of any number of lanes. */
    private static final int ELEMENTS = 20_011;

    private static final double LEAST = -14;
    private static final double STEP = 28.0 / ELEMENTS;
    private static final Offset<Double> CLOSE = Offset.offset(2.5e-7);

    /** Below this nothing cancels; the exponent, up to 84, is rounded. */
    private static final double TAIL = -2;

    private static final Offset<Double> RELATIVE = Offset.offset(2.5e-5);

    /** Below this the result is 0. */
    private static final double END = -13;

    private static final int LENGTHS = 40;

    @Test
    void isTheDerivativeWithinSomeUnitsOfOne() {
        try (Pair pair = new Pair(2)) {
            Layout layout = Layout.rowMajor(Shape.of(ELEMENTS));
            Twin x = pair.random(layout);
            Twin dy = pair.random(layout);
            float[] values = Floats.of(x.vector());
            float[] slopes = Floats.of(dy.vector());
            for (int i = 0; i < ELEMENTS; i++) {
                values[Floats.at(x.vector()) + i] = (float) (LEAST + i * STEP);
                slopes[Floats.at(dy.vector()) + i] = 1;
            }
            GeluGradient fusion = pair.vector.fusion(GeluGradient.class).orElseThrow();
            fusion.apply(dy.vector(), x.vector(), dy.vector());
            float[] found = pair.read(dy);
            for (int i = 0; i < ELEMENTS; i++) {
                double v = (float) (LEAST + i * STEP);
                double density = Math.exp(-v * v / 2) / Math.sqrt(2 * Math.PI);
                double expected = ErrorFunction.erfc(-v * Math.sqrt(0.5)) / 2 + v * density;
                assertThat((double) found[i]).as("derivative at %s", v).isCloseTo(expected, CLOSE);
                if (v < END) {
                    assertThat(found[i]).as("derivative at %s", v).isZero();
                } else if (v < TAIL) {
                    assertThat(found[i] / expected).as("relative, at %s", v).isCloseTo(1, RELATIVE);
                }
            }
        }
    }

    /** Elements that fill a vector and those that do not have the same bits, wherever an array begins. */
    @Test
    void bitsDoNotDependOnThePlaceInAnArray() {
        try (Pair pair = new Pair(1)) {
            // Each part is of other numbers, so that a difference of few of them is found.
            Layout layout = Layout.rowMajor(Shape.of(Lanes.L * LENGTHS * (LENGTHS + Lanes.L)));
            Twin x = pair.random(layout);
            Twin dy = pair.random(layout);
            Twin dx = pair.empty(layout);
            float[] values = Floats.of(x.vector());
            float[] special = {
                Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, -0f, Float.MIN_VALUE, -50, -13, 13, 1e-5f
            };
            for (int i = 0; i < values.length; i++) {
                values[i] = i % 7 == 0 ? special[i / 7 % special.length] : 15 * values[i];
            }
            GeluGradient fusion = pair.vector.fusion(GeluGradient.class).orElseThrow();
            fusion.apply(dy.vector(), x.vector(), dx.vector());
            float[] expected = pair.read(dx);
            for (int offset = 0; offset < Lanes.L; offset++) {
                for (int length = 1; length <= LENGTHS; length++) {
                    int from = (offset * LENGTHS + length - 1) * (LENGTHS + Lanes.L) + offset;
                    Layout part = x.vector().layout().narrow(0, from, length, 1);
                    Twin result = pair.empty(Layout.rowMajor(Shape.of(length)));
                    fusion.apply(dy.with(part).vector(), x.with(part).vector(), result.vector());
                    assertThat(pair.read(result))
                            .as("%d elements from %d on", length, from)
                            .isEqualTo(Arrays.copyOfRange(expected, from, from + length));
                }
            }
        }
    }
}
