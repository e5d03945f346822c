package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.DoubleBuffer;
import java.nio.ShortBuffer;
import java.util.Random;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.ReduceOp;
import org.alborz.backend.UnaryOp;
import org.alborz.cpu.scalar.ScalarBackend;
import org.alborz.cpu.vector.Pair.TestOperand;
import org.alborz.cpu.vector.Pair.Twin;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Functions of 16 bits have the reference's bits; all NaNs count as one. */
final class HalfElementwiseTest {
    private static final int ALL = 1 << Short.SIZE;

    /** Parameters that float32 and 16 bits hold, that float32 alone holds, and that neither does. */
    private static final double[] PARAMETERS = {
        0.75, -3, 0x1p-10, 1 + 0x1p-12, 1 + 0x1p-13, 0.1, 1e-3, 1e-30, -1e5, 1e39
    };

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void unaryOfEveryNumber(DType type) {
        short[] all = new short[ALL];
        for (int i = 0; i < ALL; i++) {
            all[i] = (short) i;
        }
        Layout layout = Layout.rowMajor(Shape.of(ALL));
        try (Pair pair = new Pair(2)) {
            Twin x = filled(pair, type, layout, all);
            Twin y = pair.empty(type, layout);
            for (UnaryOp op : UnaryOp.values()) {
                for (double p : PARAMETERS) {
                    pair.vector.elementwise().unary(op, p, x.vector(), y.vector());
                    pair.scalar.elementwise().unary(op, p, x.scalar(), y.scalar());
                    requireSame(op + " " + p, pair, type, y);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void binaryOfRandomBits(DType type) {
        binary(type, 1);
    }

    @Tag("sweep")
    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void binaryOfManyRandomBits(DType type) {
        for (int seed = 10; seed < 130; seed += 3) {
            binary(type, seed);
        }
    }

    private static void binary(DType type, long seed) {
        Layout layout = Layout.rowMajor(Shape.of(8, 1 << 13));
        try (Pair pair = new Pair(2)) {
            Twin a = filled(pair, type, layout, bits(seed, 1 << 16, ALL));
            Twin b = filled(pair, type, layout, bits(seed + 1, 1 << 16, ALL));
            // The smallest numbers, whose products and quotients are not all normal numbers of float32.
            Twin c = filled(pair, type, layout, bits(seed + 2, 1 << 16, 0x2200));
            Twin y = pair.empty(type, layout);
            for (BinaryOp op : BinaryOp.values()) {
                for (Twin other : new Twin[] {b, c, a}) {
                    pair.vector.elementwise().binary(op, c.vector(), other.vector(), y.vector());
                    pair.scalar.elementwise().binary(op, c.scalar(), other.scalar(), y.scalar());
                    requireSame(op + "", pair, type, y);
                    pair.vector.elementwise().binary(op, a.vector(), other.vector(), y.vector());
                    pair.scalar.elementwise().binary(op, a.scalar(), other.scalar(), y.scalar());
                    requireSame(op + "", pair, type, y);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16", "FLOAT64"})
    void otherLayouts(DType type) {
        Shape shape = Shape.of(3, 70, 33);
        Layout[] layouts = {
            Layout.rowMajor(shape),
            Layout.rowMajor(Shape.of(33, 3, 70)).permute(1, 2, 0),
            Layout.rowMajor(Shape.of(33)).expand(shape),
            Layout.rowMajor(Shape.of(70, 1)).expand(shape),
            Layout.rowMajor(Shape.of(3, 70, 99)).narrow(2, 1, 33, 3),
            Layout.rowMajor(Shape.scalar()).expand(shape)
        };
        try (Pair pair = new Pair(3)) {
            for (Layout one : layouts) {
                for (Layout other : layouts) {
                    Twin a = random(pair, type, one);
                    Twin b = random(pair, type, other);
                    for (Layout into : new Layout[] {layouts[0], layouts[1], layouts[4]}) {
                        Twin y = random(pair, type, into);
                        pair.vector.elementwise().binary(BinaryOp.ADD, a.vector(), b.vector(), y.vector());
                        pair.scalar.elementwise().binary(BinaryOp.ADD, a.scalar(), b.scalar(), y.scalar());
                        requireSame("add " + one + other + into, pair, type, y);
                        pair.vector.elementwise().unary(UnaryOp.RELU, 0, a.vector(), y.vector());
                        pair.scalar.elementwise().unary(UnaryOp.RELU, 0, a.scalar(), y.scalar());
                        requireSame("relu " + one + into, pair, type, y);
                        for (DType to : new DType[] {type, DType.FLOAT32, DType.FLOAT16, DType.INT32, DType.BOOL}) {
                            Twin copy = random(pair, to, into);
                            pair.vector.elementwise().copy(a.vector(), copy.vector());
                            pair.scalar.elementwise().copy(a.scalar(), copy.scalar());
                            requireSame("copy to " + to + one + into, pair, to, copy);
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void reductionsAndMaxPooling(DType type) {
        Shape shape = Shape.of(5, 70, 8, 12);
        try (Pair pair = new Pair(3)) {
            for (Layout layout : new Layout[] {Layout.rowMajor(shape), Layout.channelsLast(shape)}) {
                Twin x = random(pair, type, layout);
                for (Shape kept : new Shape[] {
                    Shape.of(1, 70, 1, 1),
                    Shape.of(5, 70, 1, 1),
                    Shape.of(1, 1, 1, 1),
                    Shape.of(5, 1, 1, 1),
                    Shape.of(5, 70, 8, 1),
                    Shape.of(1, 70, 8, 12),
                    shape
                }) {
                    Twin y = pair.empty(type, Layout.rowMajor(kept));
                    for (ReduceOp op : ReduceOp.values()) {
                        pair.vector.reductions().reduce(op, x.vector(), y.vector());
                        pair.scalar.reductions().reduce(op, x.scalar(), y.scalar());
                        requireSame(op + " to " + kept, pair, type, y);
                    }
                }
            }
            for (int stride : new int[] {1, 2, 3}) {
                Pool2dParameters p = new Pool2dParameters(2, 2, stride, stride, 1, 0);
                Shape pooled = Shape.of(5, 70, p.outputH(8), p.outputW(12));
                Twin x = random(pair, type, Layout.channelsLast(shape));
                Twin y = pair.empty(type, Layout.channelsLast(pooled));
                Twin dy = random(pair, type, Layout.channelsLast(pooled));
                Twin dx = pair.empty(type, Layout.channelsLast(shape));
                pair.vector.pooling().max(p, x.vector(), y.vector());
                pair.scalar.pooling().max(p, x.scalar(), y.scalar());
                requireSame("max", pair, type, y);
                pair.vector.pooling().maxBackward(p, x.vector(), y.vector(), dy.vector(), dx.vector());
                pair.scalar.pooling().maxBackward(p, x.scalar(), y.scalar(), dy.scalar(), dx.scalar());
                requireSame("max backward", pair, type, dx);
                pair.vector.pooling().average(p, x.vector(), y.vector());
                pair.scalar.pooling().average(p, x.scalar(), y.scalar());
                requireSame("average", pair, type, y);
            }
        }
    }

    private static short[] bits(long seed, int count, int below) {
        Random random = new Random(seed);
        short[] bits = new short[count];
        for (int i = 0; i < count; i++) {
            bits[i] = (short) (random.nextInt(below) | (below == ALL || random.nextBoolean() ? 0 : 0x8000));
        }
        return bits;
    }

    private static Twin filled(Pair pair, DType type, Layout layout, short[] bits) {
        Twin twin = pair.empty(type, layout);
        pair.vector.upload(
                ShortBuffer.wrap(bits),
                twin.vector().buffer(),
                twin.vector().layout().offset());
        pair.scalar.upload(
                ShortBuffer.wrap(bits),
                twin.scalar().buffer(),
                twin.scalar().layout().offset());
        return twin;
    }

    /** All of the memory is filled, by the reference's conversion on both sides. */
    private static Twin random(Pair pair, DType type, Layout layout) {
        Twin twin = pair.empty(type, layout);
        Layout all = Layout.rowMajor(Shape.of((int) twin.vector().buffer().elements()));
        Twin floats = pair.random(all);
        Layout from = all.shift(3);
        for (boolean vector : new boolean[] {true, false}) {
            Backend backend = vector ? pair.vector : pair.scalar;
            TestOperand source = vector ? floats.vector() : floats.scalar();
            TestOperand target = vector ? twin.vector() : twin.scalar();
            backend.elementwise().copy(new TestOperand(source.buffer(), from), new TestOperand(target.buffer(), all));
        }
        return twin;
    }

    private static void requireSame(String what, Pair pair, DType type, Twin twin) {
        assertThat(read(twin.vector())).as("%s of %s", what, type).isEqualTo(read(twin.scalar()));
    }

    /** Returns an operand's elements, as float64 by the reference's conversion. */
    private static double[] read(TestOperand operand) {
        try (Backend reference = new ScalarBackend(BackendOptions.defaults())) {
            Layout dense = Layout.rowMajor(operand.shape());
            TestOperand copy = new TestOperand(
                    reference.allocate(DType.FLOAT64, operand.shape().elements()), dense);
            reference.elementwise().copy(operand, copy);
            double[] values = new double[(int) operand.shape().elements()];
            reference.download(copy.buffer(), 0, DoubleBuffer.wrap(values));
            return values;
        }
    }
}
