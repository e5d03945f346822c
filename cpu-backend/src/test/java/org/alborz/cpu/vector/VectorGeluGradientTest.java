package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

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
            }
        }
    }
}
