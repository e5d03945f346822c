package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alborz.autograd.Tape;
import org.alborz.backend.RandomFill;
import org.alborz.nn.Conv2d;
import org.alborz.nn.FanMode;
import org.alborz.nn.Gain;
import org.alborz.nn.Initializer;
import org.alborz.nn.Model;
import org.alborz.ops.DropoutOp;
import org.alborz.ops.Engine;
import org.alborz.random.Philox;
import org.alborz.random.RandomKey;
import org.alborz.random.RandomStream;
import org.alborz.random.Streams;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;

/** Random numbers and dropout masks, word for word as {@link org.alborz.backend.RandomFill} specifies. */
final class RandomChecks {
    private static final Shape IMAGES = Shape.of(2, 3, 5, 7);
    private static final double KEPT_ON_AVERAGE = 0.02;

    /** An ordinary key; one whose counter passes 2³² within the first numbers; one with all bits in use. */
    private static final List<RandomKey> KEYS = List.of(
            new RandomKey(1, 0, 0),
            new RandomKey(42, 3, 0xFFFFFFFEL),
            new RandomKey(-7, -12345678901L, Long.MAX_VALUE - 3));

    private final Sessions sessions;

    RandomChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        List<DynamicNode> tests = new ArrayList<>();
        for (DType dtype : Sessions.FLOATING) {
            for (RandomKey key : KEYS) {
                tests.add(dynamicTest("uniform / " + key + " / " + dtype, () -> uniform(key, dtype)));
                tests.add(dynamicTest("normal / " + key + " / " + dtype, () -> normal(key, dtype)));
                for (double rate : new double[] {0, 0.1, 0.3, 0.5, 0.999}) {
                    tests.add(dynamicTest(
                            "dropout mask / rate " + rate + " / " + key + " / " + dtype,
                            () -> masks(key, rate, dtype)));
                }
            }
            tests.add(dynamicTest("dropout keeps the mean / " + dtype, () -> keepsMean(dtype)));
            tests.add(dynamicTest("dropout's gradient has the same mask / " + dtype, () -> sameMask(dtype)));
            tests.add(dynamicTest("random fill of a part of a buffer / " + dtype, () -> part(dtype)));
            tests.add(dynamicTest("first weights / " + dtype, () -> firstWeights(dtype)));
        }
        for (DType dtype : List.of(DType.FLOAT16, DType.BFLOAT16)) {
            if (sessions.refusal(dtype) == null) {
                tests.add(dynamicTest("uniform is below 1 / " + dtype, () -> belowOne(dtype)));
            }
        }
        return tests.stream();
    }

    /** Among as many numbers some would be rounded to 1. */
    private void belowOne(DType dtype) {
        sessions.run(DType.FLOAT32, session -> {
            double largest = RandomFill.largestUniform(dtype);
            Tensor y = session.empty(dtype, Layout.rowMajor(Shape.of(40_003)));
            session.backend().randomFill().uniform(KEYS.get(0), y);
            double[] clamped = Arrays.stream(uniform(KEYS.get(0), count(y)))
                    .map(u -> Math.min(u, largest))
                    .toArray();
            Tensor expected = session.tensor(clamped, y.shape()).to(dtype);
            assertThat(inMemoryOrder(y)).isEqualTo(inMemoryOrder(expected)).contains(largest);
        });
    }

    /** They are drawn on the host, so they are the same numbers on every backend, rounded once, whatever the order in memory. */
    private void firstWeights(DType dtype) {
        Shape shape = Shape.of(6, 4, 3, 5);
        List<Initializer> initializers = List.of(
                Initializer.truncatedNormal(0.1),
                Initializer.uniform(0.1),
                Initializer.heNormal().fan(FanMode.FAN_OUT).gain(Gain.leakyRelu(0.2)),
                Initializer.xavierUniform(),
                Initializer.lecunNormal().truncated(),
                Initializer.orthogonal(1.5),
                Initializer.dirac(2));
        for (Initializer initializer : initializers) {
            double[] drawn = new double[(int) shape.elements()];
            initializer.fill(shape, drawn, new RandomStream(3, Streams.WEIGHTS.stream(0)));
            sessions.run(dtype, session -> {
                Conv2d layer = new Conv2d(4, 6, 3, 5).bias(false).weight(initializer);
                try (Model model = Model.create(session, layer, 3)) {
                    double[] weights = model.parameter("weight").value().toDoubles();
                    assertThat(weights).isEqualTo(session.tensor(drawn, shape).toDoubles());
                }
            });
        }
    }

    private static List<Layout> layouts() {
        List<Layout> layouts = new ArrayList<>();
        for (int length : new int[] {0, 1, 2, 3, 4, 5, 7, 15, 16, 17, 31, 33, 63, 64, 65, 70, 1031, 40_003}) {
            layouts.add(Layout.rowMajor(Shape.of(length)));
        }
        layouts.add(Layout.channelsLast(IMAGES));
        return layouts;
    }

    private void uniform(RandomKey key, DType dtype) {
        sessions.run(dtype, session -> {
            for (Layout layout : layouts()) {
                Tensor y = session.empty(dtype, layout);
                session.backend().randomFill().uniform(key, y);
                assertThat(inMemoryOrder(y)).as("%s numbers", layout.shape()).isEqualTo(uniform(key, count(y)));
            }
        });
    }

    private void normal(RandomKey key, DType dtype) {
        sessions.run(dtype, session -> {
            for (Layout layout : layouts()) {
                Tensor y = session.empty(dtype, layout);
                session.backend().randomFill().normal(key, y);
                requireClose(inMemoryOrder(y), normal(key, count(y)), 1e-6);
            }
        });
    }

    private void masks(RandomKey key, double rate, DType dtype) {
        sessions.run(dtype, session -> {
            for (Layout layout : layouts()) {
                Tensor x = session.empty(dtype, layout).fill(1);
                double[] y = inMemoryOrder(Engine.apply(new DropoutOp(rate, key), x));
                double[] uniform = uniform(key, y.length);
                double[] expected = Arrays.stream(uniform)
                        .map(u -> u >= rate ? 1 / (1 - rate) : 0)
                        .toArray();
                assertThat(kept(y)).as("kept elements of %s", layout.shape()).isEqualTo(kept(expected));
                requireClose(y, expected, 1e-6 / (1 - rate));
            }
        });
    }

    private static void requireClose(double[] actual, double[] expected, double allowed) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= allowed)) {
                throw new AssertionError("Element " + i + " of " + actual.length + " in memory order: expected "
                        + expected[i] + " within " + allowed + ", got " + actual[i]);
            }
        }
    }

    private static boolean[] kept(double[] y) {
        boolean[] kept = new boolean[y.length];
        for (int i = 0; i < y.length; i++) {
            kept[i] = y[i] != 0;
        }
        return kept;
    }

    private void keepsMean(DType dtype) {
        sessions.run(dtype, session -> {
            Tensor ones = session.ones(Shape.of(40_003));
            for (RandomKey key : KEYS) {
                assertThat(Engine.apply(new DropoutOp(0.3, key), ones).mean().item())
                        .isCloseTo(1, offset(KEPT_ON_AVERAGE));
            }
        });
    }

    private void sameMask(DType dtype) {
        sessions.run(dtype, session -> {
            for (Layout layout : layouts()) {
                Tape tape = new Tape(session);
                Tensor ones = tape.watch(session.empty(dtype, layout).fill(1));
                Tensor y = Engine.apply(new DropoutOp(0.3, KEYS.get(1)), ones);
                double[] kept = y.toDoubles();
                assertThat(tape.gradients(y.sum(), ones).of(ones).toDoubles()).isEqualTo(kept);
            }
        });
    }

    private void part(DType dtype) {
        sessions.run(dtype, session -> {
            Tensor whole = session.zeros(Shape.of(50));
            Tensor part = whole.narrow(0, 3, 17);
            session.backend().randomFill().uniform(KEYS.get(0), part);
            double[] expected = new double[50];
            System.arraycopy(uniform(KEYS.get(0), 17), 0, expected, 3, 17);
            assertThat(whole.toDoubles()).isEqualTo(expected);
        });
    }

    /** Returns the elements in the order in which they are in memory. */
    private static double[] inMemoryOrder(Tensor y) {
        boolean channelsLast = y.shape().rank() == 4 && y.layout().isChannelsLast();
        return (channelsLast ? y.permute(0, 2, 3, 1) : y).toDoubles();
    }

    private static int count(Tensor y) {
        return Math.toIntExact(y.shape().elements());
    }

    private static int[] words(RandomKey key, int count) {
        int[] words = new int[(count + 3) / 4 * 4];
        for (int i = 0; i < words.length; i += 4) {
            Philox.block(key.seed(), key.stream(), key.counter() + i / 4, words, i);
        }
        return words;
    }

    static double[] uniform(RandomKey key, int count) {
        int[] words = words(key, count);
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (words[i] >>> 8) * 0x1p-24;
        }
        return numbers;
    }

    private static double[] normal(RandomKey key, int count) {
        int[] words = words(key, count);
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            long first = Integer.toUnsignedLong(words[i & ~1]);
            long second = Integer.toUnsignedLong(words[i | 1]);
            double radius = StrictMath.sqrt(-2 * StrictMath.log((first + 1) * 0x1p-32));
            double angle = 2 * StrictMath.PI * (second * 0x1p-32);
            numbers[i] = radius * (i % 2 == 0 ? StrictMath.cos(angle) : StrictMath.sin(angle));
        }
        return numbers;
    }

    /** Returns a row-major tensor of the same values, whatever the layout, so that the mask falls on known elements. */
    static Tensor rowMajor(Tensor x) {
        return x.to(Layout.rowMajor(x.shape()));
    }

    /** Drops elements of a row-major array as specified. */
    static HostArray dropped(HostArray x, double rate, RandomKey key) {
        double[] uniform = uniform(key, x.values().length);
        int[] next = {0};
        return HostArray.compute(x.shape(), i -> uniform[next[0]++] >= rate ? x.at(i) / (1 - rate) : 0);
    }
}
