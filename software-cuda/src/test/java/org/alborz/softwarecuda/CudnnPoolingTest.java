package org.alborz.softwarecuda;

import static jcuda.jcudnn.JCudnn.cudnnPoolingBackward;
import static jcuda.jcudnn.JCudnn.cudnnPoolingForward;
import static jcuda.jcudnn.cudnnPoolingMode.CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING;
import static jcuda.jcudnn.cudnnPoolingMode.CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING;
import static jcuda.jcudnn.cudnnPoolingMode.CUDNN_POOLING_MAX;
import static jcuda.jcudnn.cudnnPoolingMode.CUDNN_POOLING_MAX_DETERMINISTIC;
import static org.alborz.softwarecuda.Cudnn.NCHW;
import static org.alborz.softwarecuda.Cudnn.NHWC;
import static org.alborz.softwarecuda.Cudnn.factor;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.alborz.softwarecuda.DeviceArray.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class CudnnPoolingTest {
    @RegisterExtension
    final MathGpu gpu = new MathGpu();

    private static final int PROPAGATE = 1;

    private Cudnn cudnn;
    private final Random random = new Random(5);

    @BeforeEach
    void create() {
        cudnn = new Cudnn();
    }

    @AfterEach
    void destroy() {
        cudnn.close();
    }

    static Stream<PoolingShape> shapes() {
        return Stream.of(
                new PoolingShape(2, 3, 6, 8, 2, 2, 0, 0, 2, 2),
                new PoolingShape(1, 17, 7, 5, 3, 3, 1, 1, 2, 2),
                new PoolingShape(2, 5, 5, 7, 3, 2, 1, 0, 1, 3),
                new PoolingShape(3, 4, 4, 4, 4, 4, 0, 0, 1, 1));
    }

    private static double[] ordered(double[] values, int format, PoolingShape s, boolean result) {
        return format == NCHW
                ? values
                : ConvolutionShape.channelsLast(values, s.n(), s.c(), result ? s.p() : s.h(), result ? s.q() : s.w());
    }

    /** Runs forward and backward, and compares with loops; x has many equal elements. */
    private void check(PoolingShape s, Type type, int format, int mode, double alpha, double beta) {
        boolean max = mode == CUDNN_POOLING_MAX || mode == CUDNN_POOLING_MAX_DETERMINISTIC;
        double[] x = new double[s.sizeX()];
        Arrays.setAll(x, i -> random.nextInt(4) - 2);
        double[] dy = DeviceArray.random(random, s.sizeY());
        double[] y = new double[s.sizeY()];
        double[] dx = new double[s.sizeX()];
        int[] count = new int[s.sizeY()];
        int[] where = new int[s.sizeY()];
        s.visit((i, o) -> count[o]++);
        if (mode != CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING) {
            Arrays.fill(count, s.windowH() * s.windowW());
        }
        if (max) {
            Arrays.fill(y, Double.NEGATIVE_INFINITY);
        }
        s.visit((i, o) -> {
            if (!max) {
                y[o] += x[i] / count[o];
                dx[i] += dy[o] / count[o];
            } else if (x[i] > y[o] || (x[i] == y[o] && mode == CUDNN_POOLING_MAX)) {
                y[o] = x[i];
                where[o] = i;
            }
        });
        for (int o = 0; max && o < y.length; o++) {
            dx[where[o]] += dy[o];
        }
        double[] expectedY = new double[y.length];
        double[] expectedX = new double[x.length];
        Arrays.setAll(expectedY, i -> alpha * y[i] + (beta == 0 ? 0 : beta * dy[i]));
        Arrays.setAll(expectedX, i -> alpha * dx[i] + (beta == 0 ? 0 : beta * x[i]));

        var pooling = cudnn.pooling(s, mode, PROPAGATE);
        var xd = cudnn.tensor(type, format, s.n(), s.c(), s.h(), s.w());
        var yd = cudnn.tensor(type, format, s.n(), s.c(), s.p(), s.q());
        try (var in = DeviceArray.of(type, ordered(x, format, s, false));
                var gradient = DeviceArray.of(type, ordered(dy, format, s, true));
                var pooled = DeviceArray.of(type, ordered(y, format, s, true));
                var outY = beta == 0
                        ? DeviceArray.empty(type, y.length)
                        : DeviceArray.of(type, ordered(dy, format, s, true));
                var outX = beta == 0
                        ? DeviceArray.empty(type, x.length)
                        : DeviceArray.of(type, ordered(x, format, s, false))) {
            assertThat(cudnnPoolingForward(
                            cudnn.handle,
                            pooling,
                            factor(type, alpha),
                            xd,
                            in.pointer,
                            factor(type, beta),
                            yd,
                            outY.pointer))
                    .isZero();
            outY.assertEquals(ordered(expectedY, format, s, true));
            assertThat(cudnnPoolingBackward(
                            cudnn.handle,
                            pooling,
                            factor(type, alpha),
                            yd,
                            pooled.pointer,
                            yd,
                            gradient.pointer,
                            xd,
                            in.pointer,
                            factor(type, beta),
                            xd,
                            outX.pointer))
                    .isZero();
            outX.assertEquals(ordered(expectedX, format, s, false));
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void takesTheLargest(PoolingShape shape) {
        for (Type type : Type.values()) {
            check(shape, type, NHWC, CUDNN_POOLING_MAX_DETERMINISTIC, 1, 0);
        }
        check(shape, Type.FLOAT, NHWC, CUDNN_POOLING_MAX, 1, 0);
        check(shape, Type.FLOAT, NCHW, CUDNN_POOLING_MAX_DETERMINISTIC, -2, 1);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void averages(PoolingShape shape) {
        for (Type type : Type.values()) {
            check(shape, type, NHWC, CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING, 1, 0);
        }
        check(shape, Type.FLOAT, NCHW, CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING, 0.5, 2);
    }

    @Test
    void propagatesNanOrNot() {
        double nan = Double.NaN;
        assertThat(largest(PROPAGATE, nan, 3, 7, 5)).isNaN();
        assertThat(largest(PROPAGATE, 7, 3, nan, 5)).isNaN();
        assertThat(largest(0, 7, nan, 3, nan)).isEqualTo(7);
    }

    private double largest(int nan, double... window) {
        PoolingShape s = new PoolingShape(1, 1, 2, 2, 2, 2, 0, 0, 2, 2);
        try (var x = DeviceArray.of(Type.FLOAT, window);
                var y = DeviceArray.empty(Type.FLOAT, 1)) {
            assertThat(cudnnPoolingForward(
                            cudnn.handle,
                            cudnn.pooling(s, CUDNN_POOLING_MAX, nan),
                            factor(Type.FLOAT, 1),
                            cudnn.tensor(Type.FLOAT, NHWC, 1, 1, 2, 2),
                            x.pointer,
                            factor(Type.FLOAT, 0),
                            cudnn.tensor(Type.FLOAT, NHWC, 1, 1, 1, 1),
                            y.pointer))
                    .isZero();
            return y.read()[0];
        }
    }
}
