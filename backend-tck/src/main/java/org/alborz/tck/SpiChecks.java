package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.alborz.autograd.Tape;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.ops.AvgPool2dOp;
import org.alborz.ops.Conv2dBackwardData;
import org.alborz.ops.Conv2dBackwardFilter;
import org.alborz.ops.Conv2dOp;
import org.alborz.ops.Engine;
import org.alborz.ops.MaxPool2dOp;
import org.alborz.ops.Narrow;
import org.alborz.ops.OneHot;
import org.alborz.ops.ScatterAdd;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Pool2dParameters;
import org.alborz.type.Shape;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicNode;

/** What the SPI promises beyond the differentiable operations: host copies, conversion, work in place, indices. */
final class SpiChecks {
    private final Sessions sessions;

    SpiChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        return Stream.of(
                on("buffers of another type are refused", SpiChecks::hostBuffers),
                on("upload and download respect position, limit and offset", SpiChecks::hostCopies),
                on("bytes come with their memory", SpiChecks::uploadedBytes),
                on("new memory is poisoned", SpiChecks::poison),
                on("copy converts data types", SpiChecks::conversion),
                on("element-wise operations work in place", SpiChecks::inPlace),
                on("fill writes a strided part and nothing else", SpiChecks::stridedFill),
                on("argMax takes the first of equals and the first NaN", SpiChecks::argMax),
                on("argMax of odd sizes", SpiChecks::argMaxOfOddSizes),
                on("the first maximum of a pooling window counts, or the first NaN", SpiChecks::poolingTies),
                on("extremes that are equal share the gradient", SpiChecks::sharedExtremes),
                on("windows that go far beyond the image", SpiChecks::farWindows),
                on("tensors of many axes without elements", SpiChecks::manyEmptyAxes),
                on("oneHot", SpiChecks::oneHot),
                on("an index outside the axis is an error", SpiChecks::indexOutside),
                on("parameters count as float32 has them", SpiChecks::parameters),
                on("no index fits an axis of size 0", SpiChecks::noIndex),
                on("memory counts what is in use", SpiChecks::memory));
    }

    private DynamicNode on(String name, Consumer<Session> check) {
        return dynamicTest(name, () -> sessions.run(DType.FLOAT32, check));
    }

    private static void hostCopies(Session session) {
        Tensor x = session.zeros(Shape.of(6));
        FloatBuffer source = FloatBuffer.wrap(new float[] {9, 1, 2, 3, 9});
        source.position(1).limit(4);
        session.backend().upload(source, x.buffer(), 2);
        assertThat(x.toFloats()).containsExactly(0, 0, 1, 2, 3, 0);
        FloatBuffer target = FloatBuffer.wrap(new float[4]);
        target.position(1).limit(3);
        session.backend().download(x.buffer(), 3, target);
        assertThat(target.array()).containsExactly(0, 2, 3, 0);
        FloatBuffer direct =
                ByteBuffer.allocateDirect(24).order(ByteOrder.nativeOrder()).asFloatBuffer();
        session.backend().download(x.buffer(), 0, direct);
        assertThat(direct.get(4)).isEqualTo(3);
        Tensor indices = session.tensor(new int[] {4, -5, 6}, Shape.of(3));
        IntBuffer ints = IntBuffer.allocate(2);
        session.backend().download(indices.buffer(), 1, ints);
        assertThat(ints.array()).containsExactly(-5, 6);
    }

    /** Three of each size at a time, of which a GPU copies some beside its work; the array is changed at once. */
    private static void uploadedBytes(Session session) {
        for (int count : new int[] {0, 1, 1000, 70_000}) {
            byte[] values = new byte[count + 1];
            List<Tensor> sums = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                try (Scope scope = session.scope("round")) {
                    List<Tensor> uploaded = new ArrayList<>();
                    for (int i = 0; i < 3; i++) {
                        Arrays.fill(values, (byte) (100 + 3 * round + i));
                        uploaded.add(session.uploaded(values, Layout.rowMajor(Shape.of(count))));
                    }
                    for (Tensor bytes : uploaded) {
                        sums.add(scope.keep(bytes.to(DType.FLOAT32).sum()));
                    }
                }
            }
            for (int i = 0; i < sums.size(); i++) {
                assertThat(sums.get(i).item()).isEqualTo(count * (100.0 + i));
            }
        }
        assertThatThrownBy(() -> session.uploaded(new byte[2], Layout.rowMajor(Shape.of(3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("uploaded expects at least 3 bytes");
    }

    /** Row-major and not. */
    private static void hostBuffers(Session session) {
        for (DType dtype : DType.values()) {
            if (session.backend().refuses(dtype).isPresent()) {
                continue;
            }
            Tensor x = session.ones(Shape.of(2, 3), dtype);
            requireOwnBuffers(x);
            requireOwnBuffers(x.transpose(0, 1));
            assertThat(x.toDoubles()).containsOnly(1);
        }
    }

    private static void requireOwnBuffers(Tensor x) {
        Class<? extends Buffer> own = switch (x.dtype()) {
            case FLOAT32 -> FloatBuffer.class;
            case FLOAT64 -> DoubleBuffer.class;
            case FLOAT16, BFLOAT16 -> ShortBuffer.class;
            case INT32 -> IntBuffer.class;
            case INT64 -> LongBuffer.class;
            case UINT8, BOOL -> ByteBuffer.class;
        };
        for (Buffer buffer : buffers()) {
            if (own.isInstance(buffer)) {
                x.read(buffer);
                x.assignRowMajor(buffer);
                continue;
            }
            for (Consumer<Buffer> copy : List.<Consumer<Buffer>>of(x::read, x::assignRowMajor)) {
                assertThatThrownBy(() -> copy.accept(buffer))
                        .as("a copy between %s and %s", x.describe(), buffer)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(own.getSimpleName())
                        .hasMessageContaining(x.dtype().toString());
            }
        }
        assertThatThrownBy(() -> x.read(readOnly(x.dtype())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("read-only");
    }

    private static List<Buffer> buffers() {
        ByteBuffer direct = ByteBuffer.allocateDirect(48).order(ByteOrder.nativeOrder());
        return Arrays.asList(
                FloatBuffer.allocate(6),
                DoubleBuffer.allocate(6),
                IntBuffer.allocate(6),
                ShortBuffer.allocate(6),
                CharBuffer.allocate(6),
                LongBuffer.allocate(6),
                ByteBuffer.allocate(6),
                direct.asFloatBuffer().limit(6),
                direct.asDoubleBuffer(),
                direct.asIntBuffer().limit(6),
                direct.asShortBuffer().limit(6),
                null);
    }

    private static Buffer readOnly(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> FloatBuffer.allocate(6).asReadOnlyBuffer();
            case FLOAT64 -> DoubleBuffer.allocate(6).asReadOnlyBuffer();
            case FLOAT16, BFLOAT16 -> ShortBuffer.allocate(6).asReadOnlyBuffer();
            case INT32 -> IntBuffer.allocate(6).asReadOnlyBuffer();
            case INT64 -> LongBuffer.allocate(6).asReadOnlyBuffer();
            case UINT8, BOOL -> ByteBuffer.allocate(6).asReadOnlyBuffer();
        };
    }

    private static void poison(Session session) {
        assertThat(session.empty(DType.FLOAT32, Layout.rowMajor(Shape.of(33))).toFloats())
                .containsOnly(Float.NaN);
        session.ones(Shape.of(33)).close();
        assertThat(session.empty(DType.FLOAT32, Layout.rowMajor(Shape.of(33))).toFloats())
                .containsOnly(Float.NaN);
    }

    private static void conversion(Session session) {
        Tensor x = session.tensor(new float[] {1.75f, -1.75f, 0, 70000, -3, 0.1f}, Shape.of(2, 3));
        Tensor whole = session.empty(DType.INT32, Layout.rowMajor(Shape.of(3, 2)));
        session.backend().elementwise().copy(x.transpose(0, 1), whole);
        assertThat(whole.toInts()).containsExactly(1, 70000, -1, -3, 0, 0);
        Tensor back = session.empty(DType.FLOAT32, Layout.rowMajor(Shape.of(3, 2)));
        session.backend().elementwise().copy(whole, back);
        assertThat(back.toFloats()).containsExactly(1, 70000, -1, -3, 0, 0);
        if (session.backend().refuses(DType.FLOAT64).isEmpty()) {
            assertThat(x.to(DType.FLOAT64).toDoubles()).containsExactly(1.75, -1.75, 0, 70000, -3, 0.1f);
            assertThat(x.to(DType.FLOAT64).to(DType.FLOAT32).toFloats()).containsExactly(x.toFloats());
        }
    }

    private static void inPlace(Session session) {
        for (int length : new int[] {1, 17, 1031}) {
            HostArray values = HostArray.uniform(1, -1, 1, Shape.of(length));
            Tensor x = session.tensor(values.values(), values.shape());
            session.backend().elementwise().unary(UnaryOp.SQUARE, 0, x, x);
            Tolerance.rounded().check("x² in place", x, values.map(v -> v * v));
            Tensor y = session.tensor(values.values(), values.shape());
            session.backend().elementwise().binary(BinaryOp.SUBTRACT, x, y, y);
            Tolerance.accumulated().check("x² − x into its second operand", y, values.map(v -> v * v - v));
            session.backend().elementwise().binary(BinaryOp.ADD, y, y, y);
            Tolerance.accumulated().check("twice itself", y, values.map(v -> 2 * (v * v - v)));
        }
    }

    private static void stridedFill(Session session) {
        Tensor x = session.zeros(Shape.of(3, 4));
        Engine.apply(new Narrow(1, 1, 2, 2), x).fill(5);
        assertThat(x.toFloats()).containsExactly(0, 5, 0, 5, 0, 5, 0, 5, 0, 5, 0, 5);
        session.backend().elementwise().fill(7, x.narrow(0, 1, 1));
        assertThat(x.toFloats()).containsExactly(0, 5, 0, 5, 7, 7, 7, 7, 0, 5, 0, 5);
    }

    private static void argMax(Session session) {
        float nan = Float.NaN;
        Tensor x = session.tensor(
                new float[] {1, 3, 3, 2, nan, 9, nan, 1, -5, -5, -7, -6, -2, -3, Float.NEGATIVE_INFINITY, -2},
                Shape.of(4, 4));
        assertThat(x.argMax(1).toInts()).containsExactly(1, 0, 0, 0);
        Tensor square = session.tensor(new float[] {1, 5, 2, 4, 1, 8, 3, 3, 8}, Shape.of(3, 3));
        assertThat(square.argMax(0).toInts()).containsExactly(1, 0, 1);
        assertThat(square.transpose(0, 1).argMax(0).toInts()).containsExactly(1, 2, 2);
    }

    private static void argMaxOfOddSizes(Session session) {
        for (int length : new int[] {1, 2, 7, 8, 9, 16, 17, 33, 70, 1031}) {
            HostArray values = HostArray.distinct(length, Shape.of(3, length));
            Tensor x = session.tensor(values.values(), values.shape());
            int[] expected = new int[3];
            HostArray.forEachIndex(values.shape(), i -> {
                if (values.at(i) > values.at(i[0], expected[i[0]])) {
                    expected[i[0]] = i[1];
                }
            });
            assertThat(x.argMax(1).toInts()).containsExactly(expected);
            assertThat(x.to(Layout.of(x.shape(), new long[] {1, 3}, 0))
                            .argMax(-1)
                            .toInts())
                    .containsExactly(expected);
        }
    }

    /** Four windows of 2x2 in each of 17 channels: all equal, the second and third equal, two NaN, the last largest. */
    private static void poolingTies(Session session) {
        float nan = Float.NaN;
        float[] image = {3, 3, 1, 2, 3, 3, 2, 0, 7, nan, -4, -3, nan, 9, -2, -1};
        int[] first = {0, 3, 9, 15};
        Shape shape = Shape.of(1, 17, 4, 4);
        HostArray images = HostArray.compute(shape, i -> image[4 * i[2] + i[3]]);
        HostArray winners = HostArray.compute(shape, i -> Arrays.binarySearch(first, 4 * i[2] + i[3]) >= 0 ? 1 : 0);
        HostArray source = HostArray.distinct(2, shape);
        Pool2dParameters p = new Pool2dParameters(2, 2, 2, 2, 0, 0);
        Tape tape = new Tape(session);
        Tensor x = tape.watch(Arrangement.CHANNELS_LAST.place(session, images));
        Tensor y = Engine.apply(new MaxPool2dOp(p), x);
        Tensor picked = session.empty(DType.FLOAT32, y.layout());
        session.backend().pooling().maxGather(p, x, y, Arrangement.CHANNELS_LAST.place(session, source), picked);
        Tolerance.rounded().check("picked", picked, HostArray.compute(y.shape(), i -> {
            int place = first[2 * i[2] + i[3]];
            return source.at(0, i[1], place / 4, place % 4);
        }));
        Tolerance.rounded().check("gradient", tape.gradients(y.sum(), x).of(x), winners);
    }

    private static void sharedExtremes(Session session) {
        Tape tape = new Tape(session);
        Tensor x = tape.watch(session.tensor(new float[] {5, 5, 1, 5, 5, 2, 0, 1}, Shape.of(2, 4)));
        assertThat(tape.gradients(x.max(false, 1).sum(), x).of(x).toDoubles())
                .containsExactly(new double[] {1 / 3.0, 1 / 3.0, 0, 1 / 3.0, 1, 0, 0, 0}, offset(1e-7));
    }

    /** Each of the four results sees a corner of the padded image, and only the last one a pixel. */
    private static void farWindows(Session session) {
        int far = 1 << 29;
        HostArray image = HostArray.compute(Shape.of(1, 1, 4, 4), i -> 4 * i[2] + i[3]);
        Tensor x = session.tensor(image.values(), image.shape());
        Tensor w = session.ones(Shape.of(1, 1, 2, 2));
        Conv2dParameters p = new Conv2dParameters(far + 3, far + 3, far, far, 1, 1, 1);
        Tensor y = Engine.apply(new Conv2dOp(p, Activation.NONE), x, w, null, null);
        assertThat(y.toDoubles()).containsExactly(0, 0, 0, 15);
        Tensor ones = session.ones(y.shape());
        double[] dx = new double[16];
        dx[15] = 1;
        assertThat(Engine.apply(new Conv2dBackwardData(p, x.shape()), ones, w).toDoubles())
                .containsExactly(dx);
        assertThat(Engine.apply(new Conv2dBackwardFilter(p, w.shape()), x, ones).toDoubles())
                .containsExactly(15, 0, 0, 0);
        int wide = 1 << 16;
        Pool2dParameters whole = new Pool2dParameters(wide, wide, wide, wide, wide / 2, wide / 2);
        assertThat(Engine.apply(new MaxPool2dOp(whole), x).toDoubles()).containsExactly(15);
        assertThat(Engine.apply(new AvgPool2dOp(whole), x).toDoubles())
                .containsExactly(new double[] {120 / 0x1p32}, offset(1e-12));
    }

    private static void manyEmptyAxes(Session session) {
        int[] sizes = new int[40];
        Arrays.fill(sizes, 2);
        sizes[7] = 0;
        Tensor x = session.ones(Shape.of(sizes));
        assertThat(x.add(x).relu().toDoubles()).isEmpty();
        assertThat(x.assign(x.transpose(0, 1)).sum().item()).isZero();
    }

    private static void oneHot(Session session) {
        Tensor indices = session.tensor(new int[] {2, 0, 2}, Shape.of(3));
        assertThat(Engine.apply(new OneHot(3, DType.FLOAT32), indices).toFloats())
                .containsExactly(0, 0, 1, 1, 0, 0, 0, 0, 1);
        Tensor none = session.tensor(new int[0], Shape.of(0));
        assertThat(Engine.apply(new OneHot(3, DType.FLOAT32), none).shape()).isEqualTo(Shape.of(0, 3));
    }

    private static void indexOutside(Session session) {
        Tensor x = session.ones(Shape.of(3, 2));
        for (int wrong : new int[] {3, -1}) {
            Tensor indices = session.tensor(new int[] {0, wrong}, Shape.of(2));
            assertThatThrownBy(() -> {
                        x.gather(0, indices);
                        session.backend().synchronize();
                    })
                    .as("gather of index %d of 3", wrong)
                    .isInstanceOf(RuntimeException.class);
        }
        // The nearest int32 of the last two is outside as well, and not the index that their lower bits are.
        for (long wrong : new long[] {3, -1, 1L << 32, Long.MIN_VALUE}) {
            Tensor indices = session.tensor(new long[] {0, 1, wrong, 2}, Shape.of(2, 2));
            assertThatThrownBy(() -> {
                        x.gather(0, indices);
                        session.backend().synchronize();
                    })
                    .as("gather of index %d of 3", wrong)
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    /** Those that float32 does not have are infinite or 0. */
    private static void parameters(Session session) {
        float[] values = {0, -0.0f, 1, -1, 1e30f, -1e30f, -1e-30f, -100, -200, Float.POSITIVE_INFINITY};
        for (double[] pair :
                new double[][] {{1e39, Double.POSITIVE_INFINITY}, {-1e300, Double.NEGATIVE_INFINITY}, {1e-46, 0}}) {
            for (UnaryOp op : new UnaryOp[] {
                UnaryOp.ADD,
                UnaryOp.MULTIPLY,
                UnaryOp.POWER,
                UnaryOp.MAXIMUM,
                UnaryOp.MINIMUM,
                UnaryOp.LEAKY_RELU,
                UnaryOp.ELU
            }) {
                String what = op + " with " + pair[0];
                assertThat(resultAndGradient(session, op, pair[0], values))
                        .as(what)
                        .isEqualTo(resultAndGradient(session, op, pair[1], values));
                Tensor x = session.tensor(values, Shape.of(values.length));
                double[] result = x.apply(op, pair[1]).toDoubles();
                assertThat(x.update(op, pair[0]).toDoubles())
                        .as(what + " in place")
                        .isEqualTo(result);
            }
        }
        Tensor x = session.tensor(values, Shape.of(values.length));
        assertThat(x.mul(1e39).toDoubles()[0]).isNaN();
        assertThat(x.mul(1e-46).toDoubles()[4]).isZero();
    }

    private static double[] resultAndGradient(Session session, UnaryOp op, double p, float[] values) {
        Tape tape = new Tape(session);
        Tensor x = tape.watch(session.tensor(values, Shape.of(values.length)));
        Tensor y = x.apply(op, p);
        double[] result = y.toDoubles();
        double[] both = Arrays.copyOf(result, 2 * values.length);
        System.arraycopy(tape.gradients(y.sum(), x).of(x).toDoubles(), 0, both, values.length, values.length);
        return both;
    }

    private static void noIndex(Session session) {
        Tensor index = session.tensor(new int[] {0}, Shape.of(1));
        Tensor none = session.tensor(new int[0], Shape.of(0));
        for (Shape shape : new Shape[] {Shape.of(0), Shape.of(0, 2), Shape.of(0, 0)}) {
            Tensor x = session.zeros(shape);
            requireNoIndex("gather", () -> x.gather(0, index));
            assertThat(x.gather(0, none).shape()).isEqualTo(shape);
        }
        Tensor row = session.ones(Shape.of(1, 2));
        requireNoIndex("scatterAdd", () -> Engine.apply(new ScatterAdd(0, 0), row, index));
        requireNoIndex("oneHot", () -> Engine.apply(new OneHot(0, DType.FLOAT32), index));
        assertThat(Engine.apply(new ScatterAdd(0, 0), row.narrow(0, 0, 0), none).shape())
                .isEqualTo(Shape.of(0, 2));
        assertThat(Engine.apply(new OneHot(0, DType.FLOAT32), none).shape()).isEqualTo(Shape.of(0, 0));
    }

    private static void requireNoIndex(String op, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(op, "size 0");
    }

    private static void memory(Session session) {
        var before = session.memory();
        Tensor x = session.zeros(Shape.of(1000));
        var during = session.memory();
        assertThat(during.used() - before.used()).isBetween(4000L, 8192L);
        assertThat(during.buffers() - before.buffers()).isEqualTo(1);
        assertThat(during.peak()).isGreaterThanOrEqualTo(during.used());
        x.close();
        assertThat(session.memory().used()).isEqualTo(before.used());
        assertThat(session.memory().buffers()).isEqualTo(before.buffers());
    }
}
