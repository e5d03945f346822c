package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.alborz.backend.CapturedGraph;
import org.alborz.backend.GraphCapture;
import org.alborz.ops.AttentionOp;
import org.alborz.ops.CtcOp;
import org.alborz.ops.DropoutOp;
import org.alborz.ops.Engine;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.AttentionParameters;
import org.alborz.type.DType;
import org.alborz.type.GridPadding;
import org.alborz.type.Interpolation;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;
import org.opentest4j.TestAbortedException;

/** Captured work does, each time it is replayed, what it does when it runs eagerly. */
final class GraphCaptureChecks {
    private static final Shape SHAPE = Shape.of(7, 33);

    private final Sessions sessions;

    GraphCaptureChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        return Stream.of(
                dynamicTest("nothing is done while it is captured", () -> run(GraphCaptureChecks::nothingIsDone)),
                dynamicTest("a replay reads the current values", () -> run(GraphCaptureChecks::readsCurrentValues)),
                dynamicTest("a replay draws the random numbers of its own step", () -> run(GraphCaptureChecks::draws)),
                dynamicTest(
                        "numbers that operations are composed with are uploaded before",
                        () -> run(GraphCaptureChecks::constants)),
                dynamicTest("memory stays apart from other work's", () -> run(GraphCaptureChecks::memoryApart)),
                dynamicTest("what cannot be captured is refused", () -> run(GraphCaptureChecks::refuses)),
                dynamicTest("closing gives the memory back", () -> run(GraphCaptureChecks::givesBack)));
    }

    private void run(java.util.function.BiConsumer<Session, GraphCapture> check) {
        sessions.run(
                DType.FLOAT32,
                session -> check.accept(
                        session,
                        session.backend()
                                .graphCapture()
                                .orElseThrow(() -> new TestAbortedException(
                                        session.backend().name() + " does not capture"))));
    }

    /** Captures work after doing it once eagerly, as {@link GraphCapture} asks. */
    private static CapturedGraph capture(GraphCapture capture, Runnable work) {
        work.run();
        return capture.capture(work);
    }

    private static void doubled(Tensor x, Tensor y) {
        try (Scope scope = x.session().scope("work")) {
            y.assign(x.add(x.mul(0.5)).add(x.mul(0.5)));
        }
    }

    private static void nothingIsDone(Session session, GraphCapture capture) {
        Tensor x = session.full(3, SHAPE);
        Tensor y = session.full(-1, SHAPE);
        try (CapturedGraph graph = capture(capture, () -> doubled(x, y))) {
            y.fill(-1);
            capture.capture(() -> doubled(x, y)).close();
            assertThat(y.toFloats()).containsOnly(-1);
            graph.replay(0);
            assertThat(y.toFloats()).containsOnly(6);
        }
    }

    private static void readsCurrentValues(Session session, GraphCapture capture) {
        Tensor x = session.full(3, SHAPE);
        Tensor y = session.empty(DType.FLOAT32, x.layout());
        try (CapturedGraph graph = capture(capture, () -> doubled(x, y))) {
            for (int value = 1; value < 5; value++) {
                x.fill(value);
                graph.replay(0);
                assertThat(y.toFloats()).containsOnly(2 * value);
            }
        }
    }

    private static void draws(Session session, GraphCapture capture) {
        Tensor x = session.ones(SHAPE);
        Tensor y = session.empty(DType.FLOAT32, x.layout());
        Tensor numbers = session.empty(DType.FLOAT32, x.layout());
        Tensor queries = session.uniform(Shape.of(1, 2, 5, 4), 3);
        Tensor attended = session.empty(DType.FLOAT32, queries.layout());
        RandomKey key = new RandomKey(5, 6, 7);
        try (CapturedGraph graph = capture(capture, () -> {
            try (Scope scope = session.scope("work")) {
                y.assign(Engine.apply(new DropoutOp(0.5, key), x));
                session.backend().randomFill().normal(key, numbers);
                attended.assign(attention(queries, key));
            }
        })) {
            for (long advance : new long[] {0, 1, 0x1_0000_0000L, 0, 3}) {
                graph.replay(advance);
                RandomKey moved = new RandomKey(5, 6, 7 + advance);
                assertThat(y.toFloats())
                        .as("mask at %d", advance)
                        .isEqualTo(Engine.apply(new DropoutOp(0.5, moved), x).toFloats());
                assertThat(numbers.toFloats())
                        .as("normal numbers at %d", advance)
                        .isEqualTo(session.normal(moved, SHAPE).toFloats());
                assertThat(attended.toFloats())
                        .as("weights of attention at %d", advance)
                        .isEqualTo(attention(queries, moved).toFloats());
            }
            // What is captured after a replay has the numbers of its own step as well.
            try (CapturedGraph second =
                    capture(capture, () -> session.backend().randomFill().normal(key, numbers))) {
                second.replay(2);
                assertThat(numbers.toFloats())
                        .isEqualTo(session.normal(new RandomKey(5, 6, 9), SHAPE).toFloats());
            }
        }
    }

    private static Tensor attention(Tensor x, RandomKey key) {
        return Engine.apply(new AttentionOp(AttentionParameters.ofCausal(), 0.5, key), x, x, x, null);
    }

    /** Resizing, sampling, composed attention with dropout, and connectionist temporal classification. */
    private static void constants(Session session, GraphCapture capture) {
        Tensor images = session.uniform(Shape.of(2, 3, 4, 5), 1);
        // Of more numbers than kernels of attention take.
        Tensor wide = session.uniform(Shape.of(1, 2, 4, 160), 3);
        Tensor labels = session.tensor(new int[] {1, 2, 0, 3}, Shape.of(2, 2));
        Tensor lengths = session.tensor(new int[] {4, 3});
        Tensor counts = session.tensor(new int[] {2, 1});
        Supplier<Tensor> work = () -> {
            Tensor grid = images.narrow(1, 0, 2).permute(0, 2, 3, 1);
            Tensor resized = images.interpolate(7, 6, Interpolation.BICUBIC, false)
                    .adaptiveAvgPool2d(3, 4)
                    .interpolate(5, 3, Interpolation.NEAREST, false);
            Tensor sampled = images.gridSample(grid, Interpolation.BILINEAR, GridPadding.BORDER, false);
            Tensor attended = attention(wide, new RandomKey(1, 2, 3));
            Tensor losses = Engine.apply(new CtcOp(0), images.select(1, 0), labels, lengths, counts);
            return Tensor.concat(0, resized.flatten(), sampled.flatten(), attended.flatten(), losses.flatten());
        };
        Tensor result = session.empty(DType.FLOAT32, work.get().layout());
        try (CapturedGraph graph = capture(capture, () -> {
            try (Scope scope = session.scope("work")) {
                result.assign(work.get());
            }
        })) {
            images.assign(session.uniform(images.shape(), 2));
            graph.replay(0);
            float[] replayed = result.toFloats();
            assertThat(replayed).isEqualTo(work.get().toFloats());
        }
    }

    private static void memoryApart(Session session, GraphCapture capture) {
        Tensor x = session.full(3, SHAPE);
        Tensor y = session.empty(DType.FLOAT32, x.layout());
        try (CapturedGraph graph = capture(capture, () -> doubled(x, y))) {
            Tensor[] others = new Tensor[8];
            for (int i = 0; i < others.length; i++) {
                others[i] = session.full(i, SHAPE);
            }
            graph.replay(0);
            for (int i = 0; i < others.length; i++) {
                assertThat(others[i].toFloats()).containsOnly(i);
            }
            assertThat(y.toFloats()).containsOnly(6);
        }
    }

    private static void refuses(Session session, GraphCapture capture) {
        Tensor x = session.ones(SHAPE);
        assertThatThrownBy(() -> capture.capture(x::toFloats)).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> capture.capture(() -> session.tensor(new float[] {1}, Shape.of(1))))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> capture.capture(() -> {
                    throw new IllegalStateException("the work failed");
                }))
                .hasMessageContaining("the work failed");
        assertThat(x.mul(2).toFloats()).as("afterwards, all is as before").containsOnly(2);
    }

    private static void givesBack(Session session, GraphCapture capture) {
        Tensor x = session.ones(SHAPE);
        Tensor y = session.empty(DType.FLOAT32, x.layout());
        capture(capture, () -> doubled(x, y)).close();
        session.backend().synchronize();
        var before = session.memory();
        for (int i = 0; i < 3; i++) {
            CapturedGraph graph = capture(capture, () -> doubled(x, y));
            graph.replay(0);
            graph.close();
            graph.close();
        }
        assertThat(session.memory().used()).isEqualTo(before.used());
        assertThat(session.memory().pooled()).isEqualTo(before.pooled());
    }
}
