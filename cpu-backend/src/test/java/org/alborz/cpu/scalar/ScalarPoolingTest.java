package org.alborz.cpu.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;

class ScalarPoolingTest {
    private static final double NAN = Double.NaN;
    private static final Pool2dParameters TWO_BY_TWO = new Pool2dParameters(2, 2, 2, 2, 0, 0);

    private final ScalarPooling pooling = new ScalarPooling();

    private static Tensor image(DType dtype, Shape shape, double... values) {
        return Tensor.of(dtype, Layout.channelsLast(shape), values);
    }

    private static Tensor undefined(DType dtype, int... sizes) {
        return Tensor.undefined(dtype, Layout.channelsLast(Shape.of(sizes)).shift(3));
    }

    @FloatingTypes
    void takesTheLargestOfEachWindow(DType dtype) {
        // Two channels; the last column is left over.
        Tensor x =
                image(dtype, Shape.of(1, 2, 2, 5), 1, 2, 7, 7, 99, 4, 3, 7, 7, 99, -1, -2, 0, 5, 99, -3, -4, 6, 5, 99);
        Tensor y = undefined(dtype, 1, 2, 1, 2);
        pooling.max(TWO_BY_TWO, x, y);
        y.assertValues(4, 7, -1, 6);

        Tensor dy = image(dtype, y.shape(), 10, 20, 30, 40);
        Tensor dx = undefined(dtype, 1, 2, 2, 5);
        pooling.maxBackward(TWO_BY_TWO, x, y, dy, dx);
        // The first of equals takes the gradient.
        dx.assertValues(0, 0, 20, 0, 0, 10, 0, 0, 0, 0, 30, 0, 0, 0, 0, 0, 0, 40, 0, 0);

        double[] places = new double[20];
        Arrays.setAll(places, i -> i);
        Tensor picked = undefined(dtype, 1, 2, 1, 2);
        pooling.maxGather(TWO_BY_TWO, x, y, image(dtype, x.shape(), places), picked);
        picked.assertValues(5, 2, 10, 17);
    }

    @FloatingTypes
    void overlapsAndPads(DType dtype) {
        Pool2dParameters p = new Pool2dParameters(3, 3, 1, 1, 1, 1);
        Tensor x = image(dtype, Shape.of(1, 1, 2, 2), -1, -2, -3, -4);
        Tensor y = undefined(dtype, 1, 1, 2, 2);
        pooling.max(p, x, y);
        y.assertValues(-1, -1, -1, -1);
        Tensor dy = image(dtype, y.shape(), 1, 2, 4, 8);
        Tensor dx = undefined(dtype, 1, 1, 2, 2);
        pooling.maxBackward(p, x, y, dy, dx);
        dx.assertValues(15, 0, 0, 0);
        pooling.average(p, x, y);
        double mean = -10 / 9.0;
        y.assertValues(mean, mean, mean, mean);
        pooling.averageBackward(p, dy, dx);
        double share = 15 / 9.0;
        dx.assertValues(share, share, share, share);
    }

    @FloatingTypes
    void theFirstNaNIsTheMaximum(DType dtype) {
        Tensor x = image(dtype, Shape.of(2, 1, 2, 2), 1, NAN, 9, NAN, 1, 2, 3, 4);
        Tensor y = undefined(dtype, 2, 1, 1, 1);
        pooling.max(TWO_BY_TWO, x, y);
        y.assertValues(NAN, 4);
        Tensor dx = undefined(dtype, 2, 1, 2, 2);
        pooling.maxBackward(TWO_BY_TWO, x, y, image(dtype, y.shape(), 5, 6), dx);
        dx.assertValues(0, 5, 0, 0, 0, 0, 0, 6);
    }

    @FloatingTypes
    void averagesOverImagesAndChannels(DType dtype) {
        Tensor x = image(dtype, Shape.of(2, 2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8, -1, -2, -3, -4, 0, 0, 0, 1);
        Tensor y = undefined(dtype, 2, 2, 1, 1);
        pooling.average(TWO_BY_TWO, x, y);
        y.assertValues(2.5, 6.5, -2.5, 0.25);
    }

    /** The backward passes are the adjoints of the forward ones: the sum of y·dy equals the sum of x·dx. */
    @FloatingTypes
    void gradientsAreAdjoint(DType dtype) {
        Random random = new Random(2);
        for (Pool2dParameters p : new Pool2dParameters[] {
            TWO_BY_TWO, new Pool2dParameters(3, 2, 2, 1, 1, 1), new Pool2dParameters(2, 4, 3, 3, 0, 2)
        }) {
            Tensor x = Tensor.random(dtype, Layout.channelsLast(Shape.of(3, 2, 7, 6)), random);
            Tensor y = undefined(dtype, 3, 2, p.outputH(7), p.outputW(6));
            Tensor dy = Tensor.random(dtype, Layout.channelsLast(y.shape()), random);
            Tensor dx = undefined(dtype, 3, 2, 7, 6);
            pooling.average(p, x, y);
            pooling.averageBackward(p, dy, dx);
            assertSameDot(x, dx, y, dy);
            pooling.max(p, x, y);
            pooling.maxBackward(p, x, y, dy, dx);
            assertSameDot(x, dx, y, dy);
            Tensor picked = undefined(dtype, 3, 2, p.outputH(7), p.outputW(6));
            pooling.maxGather(p, x, y, x, picked);
            picked.assertValues(y.values());
        }
    }

    private static void assertSameDot(Tensor x, Tensor dx, Tensor y, Tensor dy) {
        assertThat(dot(x, dx)).isCloseTo(dot(y, dy), within(1e-5));
    }

    private static double dot(Tensor a, Tensor b) {
        double[] left = a.values();
        double[] right = b.values();
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            sum += left[i] * right[i];
        }
        return sum;
    }

    @FloatingTypes
    void anEmptyBatchHasNoWindows(DType dtype) {
        Tensor x = undefined(dtype, 0, 2, 4, 4);
        Tensor y = undefined(dtype, 0, 2, 2, 2);
        pooling.max(TWO_BY_TWO, x, y);
        pooling.maxBackward(TWO_BY_TWO, x, y, y, x);
        pooling.maxGather(TWO_BY_TWO, x, y, x, y);
        pooling.average(TWO_BY_TWO, x, y);
        pooling.averageBackward(TWO_BY_TWO, y, x);
        assertThat(x.buffer().get(3)).isNaN();
    }
}
