package org.alborz.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.Field;
import org.alborz.data.Sample;
import org.alborz.nn.Flatten;
import org.alborz.nn.Initializer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers near 2³¹ and 2⁶³: each is computed with rightly, or refused by a message that names the argument and the number. */
class SizeLimitsTest {
    private static final int HUGE = 1 << 30;
    private static final int MOST = Integer.MAX_VALUE;

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(call)
                .satisfies(e -> assertThat(e).hasMessageContainingAll(parts));
    }

    private static Conv2dParameters conv(int stride, int padding, int dilation) {
        return new Conv2dParameters(stride, stride, padding, padding, dilation, dilation, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void convolutions(String backend) {
        try (Session session = Session.open(backend)) {
            Tensor x = session.ones(Shape.of(1, 1, 8, 8));
            Tensor w = session.ones(Shape.of(1, 1, 5, 5));
            for (int dilation : new int[] {HUGE, MOST, MOST / 4 + 1, (1 << 29) + 1, 3}) {
                refused(
                        () -> convolve(x, w, conv(1, 0, dilation)),
                        "does not fit",
                        "dilation=" + dilation,
                        "[1, 1, 8, 8]");
            }
            for (int padding : new int[] {HUGE, MOST}) {
                refused(() -> convolve(x, w, conv(1, padding, 1)), "padding " + padding, "height 8");
                refused(() -> convolve(x, w, new Conv2dParameters(1, 1, 2, padding, 1, 1, 1)), "width 8");
            }
            Tensor y = convolve(x, w, conv(MOST, 0, 1));
            assertThat(y.toDoubles()).containsExactly(25);
            assertThat(Engine.apply(new Conv2dBackwardData(conv(MOST, 0, 1), x.shape()), y, w)
                            .sum()
                            .item())
                    .isEqualTo(625);
            assertThat(Engine.apply(new Conv2dBackwardFilter(conv(MOST, 0, 1), w.shape()), x, y)
                            .sum()
                            .item())
                    .isEqualTo(625);
        }
    }

    private static Tensor convolve(Tensor x, Tensor w, Conv2dParameters p) {
        return Engine.apply(new Conv2dOp(p, Activation.NONE), x, w, null, null);
    }

    /** The corner pixels of the results see one corner of the image each, and the frame of zeros would have 2⁵⁹ numbers. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void windowsFarApart(String backend) {
        try (Session session = Session.open(backend)) {
            int far = 1 << 29;
            Conv2dParameters p = conv(far + 3, far, 1);
            float[] image = new float[16];
            for (int i = 0; i < image.length; i++) {
                image[i] = i;
            }
            Tensor x = session.tensor(image, Shape.of(1, 1, 4, 4));
            Tensor w = session.ones(Shape.of(1, 1, 2, 2));
            Tensor y = convolve(x, w, p);
            assertThat(y.toDoubles()).containsExactly(0, 0, 0, 15);
            Tensor dy = session.ones(y.shape());
            double[] dx = new double[16];
            dx[15] = 1;
            assertThat(Engine.apply(new Conv2dBackwardData(p, x.shape()), dy, w).toDoubles())
                    .containsExactly(dx);
            assertThat(Engine.apply(new Conv2dBackwardFilter(p, w.shape()), x, dy)
                            .toDoubles())
                    .containsExactly(15, 0, 0, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void pooling(String backend) {
        try (Session session = Session.open(backend)) {
            Tensor x = session.ones(Shape.of(1, 2, 8, 8));
            Pool2dParameters wide = new Pool2dParameters(1 << 16, 1 << 16, 1 << 16, 1 << 16, 1 << 15, 1 << 15);
            assertThat(Engine.apply(new AvgPool2dOp(wide), x).toDoubles()[0]).isCloseTo(64 / 0x1p32, within(1e-15));
            assertThat(Engine.apply(new MaxPool2dOp(wide), x).toDoubles()).containsOnly(1);
            Pool2dParameters once = new Pool2dParameters(8, 8, MOST, MOST, 4, 4);
            assertThat(Engine.apply(new MaxPool2dOp(once), x).shape()).isEqualTo(Shape.of(1, 2, 1, 1));
            Pool2dParameters large = new Pool2dParameters(MOST, MOST, 1, 1, HUGE - 1, HUGE - 1);
            refused(() -> Engine.apply(new MaxPool2dOp(large), x), "padding " + (HUGE - 1), "height 8");
            refused(() -> new Pool2dParameters(MOST, MOST, 1, 1, HUGE, HUGE), "half the kernel");
            Tensor none = session.ones(Shape.of(1, 2, 0, 8));
            Pool2dParameters padded = new Pool2dParameters(2, 2, 1, 1, 1, 1);
            refused(() -> Engine.apply(new MaxPool2dOp(padded), none), "at least one pixel", "[1, 2, 0, 8]");
            refused(() -> Engine.apply(new AvgPool2dOp(padded), none), "at least one pixel", "[1, 2, 0, 8]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void tensors(String backend) {
        try (Session session = Session.open(backend)) {
            Tensor one = session.ones(Shape.of(1));
            Tensor huge = one.expand(Shape.of(HUGE));
            refused(() -> session.ones(Shape.of(1 << 16, 1 << 16)), "4294967296");
            refused(() -> one.expand(Shape.of(1 << 16, 1 << 16)).add(1), "4294967296");
            refused(() -> Tensor.concat(0, huge, huge, huge), "concat", "3221225472");
            refused(() -> Tensor.concat(0, huge, huge, huge, huge, huge), "concat", "5368709120");
            refused(() -> one.expand(Shape.of(2, MOST)).reshape(-1), "-1", "4294967294");
            refused(() -> session.ones(Shape.of(6)).reshape(1 << 16, 1 << 16, 1 << 16, 1 << 16, -1), "elements");
            refused(() -> session.ones(Shape.of(6)).reshape(-1, -1), "one -1");
            refused(() -> session.ones(Shape.of(6)).reshape(-2, -3), "[-2, -3]");
            refused(() -> session.ones(Shape.of(6)).reshape(-1, 0), "-1", "6 elements");
            refused(() -> session.ones(Shape.of(6)).narrow(0, 3, MOST), "start 3", "length " + MOST);
            refused(() -> session.ones(Shape.of(6)).narrow(0, MOST, MOST), "start " + MOST);
            refused(() -> Engine.apply(new Narrow(0, 0, 2, MOST), session.ones(Shape.of(6))), "step " + MOST);
            assertThat(Engine.apply(new Narrow(0, 5, 1, MOST), session.ones(Shape.of(6, 2)))
                            .add(1)
                            .toDoubles())
                    .containsExactly(2, 2);
            refused(() -> Engine.apply(new Pad(0, 1, MOST, MOST), session.ones(Shape.of(6))), "pad", "step " + MOST);
            refused(() -> Engine.apply(new Pad(0, -1, 1, 9), session.ones(Shape.of(6))), "pad", "start -1");
            refused(() -> Engine.apply(new Pad(0, 0, 1, -1), session.ones(Shape.of(6))), "pad", "size -1");
            Tensor index = session.tensor(new int[] {0}, Shape.of(1));
            refused(() -> Engine.apply(new ScatterAdd(0, -1), one, index), "scatterAdd", "-1");
            refused(() -> Engine.apply(new ScatterAdd(0, HUGE), session.ones(Shape.of(1, 1 << 20)), index), "elements");
            refused(() -> Engine.apply(new OneHot(-1, DType.FLOAT32), index), "oneHot", "-1");
            refused(() -> Engine.apply(new OneHot(HUGE, DType.FLOAT32), index.expand(Shape.of(8))), "8589934592");
            Tensor matrices = session.ones(Shape.of(1, 1, 1)).expand(Shape.of(1 << 16, 1 << 16, 1, 1));
            refused(() -> matrices.matmul(session.ones(Shape.of(1, 1))), "matmul", "4294967296");
            refused(
                    () -> new Flatten().forward(one.expand(Shape.of(1, 1 << 16, 1 << 16)), Pass.evaluation()),
                    "Flatten");
            Shape empty = Shape.of(0, MOST, MOST);
            assertThat(session.ones(empty).relu().add(session.ones(empty)).shape())
                    .isEqualTo(empty);
        }
    }

    @Test
    void arraysOnTheHost() {
        try (Session session = Session.open("cpu-scalar")) {
            Tensor many = session.ones(Shape.of(1)).expand(Shape.of(1 << 16, 1 << 16));
            for (ThrowingCallable call : new ThrowingCallable[] {many::toDoubles, many::toFloats}) {
                assertThat(org.assertj.core.api.Assertions.catchThrowable(call))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContainingAll("4294967296", "narrow");
            }
        }
    }

    @Test
    void layouts() {
        refused(() -> Layout.of(Shape.of(2), new long[] {-1}, 1), "strides", "[-1]");
        refused(() -> Layout.of(Shape.of(2), new long[] {1}, -1), "offset -1");
        refused(() -> Layout.of(Shape.of(3), new long[] {Long.MAX_VALUE}, 0), "[9223372036854775807]");
        refused(() -> Layout.of(Shape.of(2), new long[] {1}, Long.MAX_VALUE), "offset");
        refused(() -> Layout.rowMajor(Shape.of(2)).shift(-1), "offset -1");
    }

    @Test
    void models() {
        try (Session session = Session.open("cpu-scalar")) {
            refused(() -> Model.create(session, new Linear(1 << 20, 1 << 20), 1), "'weight'", "1099511627776");
            Sequential several = new Sequential(new Linear(1 << 15, 1 << 15), new Linear(1 << 15, 1 << 15));
            refused(() -> Model.create(session, several, 1), "'1.weight'", "1073741824");
            Parameter state = Parameter.state(Shape.of(1 << 20, 1 << 20), 0);
            refused(() -> Model.create(session, holding(state), 1), "'state'", "1099511627776");
            refused(() -> Parameter.of(Shape.of(HUGE, HUGE, HUGE), Initializer.constant(0)), "elements");
            refused(() -> new Linear(0, 3), "Linear", "0 to 3");
            refused(() -> new Linear(3, -1), "Linear", "3 to -1");
            assertThat(session.memory().used()).isZero();
        }
    }

    private static org.alborz.nn.Layer holding(Parameter state) {
        return new org.alborz.nn.Layer() {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                return x;
            }

            @Override
            public void describe(org.alborz.nn.Structure structure) {
                structure.parameter("state", state);
            }
        };
    }

    @Test
    void batches() {
        refused(() -> DataLoader.of(dataset(Shape.of(1 << 16), 1 << 16), 1 << 16), "batch size", "4294967296");
        refused(() -> Field.of("input", DType.FLOAT32, 1 << 16, 1 << 16), "[65536, 65536]");
    }

    private static Dataset dataset(Shape sample, int size) {
        return new Dataset() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public List<Field> fields() {
                return List.of(new Field("input", DType.FLOAT32, sample));
            }

            @Override
            public void read(int index, Sample into) {}

            @Override
            public String description() {
                return "nothing";
            }
        };
    }
}
