package org.alborz.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.stream.Stream;
import org.alborz.backend.RandomKey;
import org.alborz.backend.Recorder;
import org.alborz.backend.Recording;
import org.alborz.ops.Dropout;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.DynamicNode;
import org.opentest4j.TestAbortedException;

/** Recorded work does, each time it is replayed, what it does when it runs as ever. */
final class RecordingChecks {
    private static final Shape SHAPE = Shape.of(7, 33);

    private final Sessions sessions;

    RecordingChecks(Sessions sessions) {
        this.sessions = sessions;
    }

    Stream<DynamicNode> all() {
        return Stream.of(
                dynamicTest("nothing is done while it is recorded", () -> run(RecordingChecks::nothingIsDone)),
                dynamicTest("a replay reads what lies there now", () -> run(RecordingChecks::readsAnew)),
                dynamicTest("a replay draws the random numbers of its own step", () -> run(RecordingChecks::draws)),
                dynamicTest("memory stays apart from other work's", () -> run(RecordingChecks::memoryApart)),
                dynamicTest("what cannot be recorded is refused", () -> run(RecordingChecks::refuses)),
                dynamicTest("closing gives the memory back", () -> run(RecordingChecks::givesBack)));
    }

    private void run(java.util.function.BiConsumer<Session, Recorder> check) {
        sessions.run(
                DType.FLOAT32,
                session -> check.accept(
                        session,
                        session.backend()
                                .recorder()
                                .orElseThrow(() -> new TestAbortedException(
                                        session.backend().name() + " does not record"))));
    }

    /** Records work after doing it once as ever, as {@link Recorder} asks. */
    private static Recording record(Recorder recorder, Runnable work) {
        work.run();
        return recorder.record(work);
    }

    private static void doubled(Tensor x, Tensor y) {
        try (Scope scope = x.session().scope("work")) {
            y.assign(x.add(x.mul(0.5)).add(x.mul(0.5)));
        }
    }

    private static void nothingIsDone(Session session, Recorder recorder) {
        Tensor x = session.full(3, SHAPE);
        Tensor y = session.full(-1, SHAPE);
        try (Recording recording = record(recorder, () -> doubled(x, y))) {
            y.fill(-1);
            recorder.record(() -> doubled(x, y)).close();
            assertThat(y.toFloats()).containsOnly(-1);
            recording.replay(0);
            assertThat(y.toFloats()).containsOnly(6);
        }
    }

    private static void readsAnew(Session session, Recorder recorder) {
        Tensor x = session.full(3, SHAPE);
        Tensor y = session.empty(DType.FLOAT32, x.layout());
        try (Recording recording = record(recorder, () -> doubled(x, y))) {
            for (int value = 1; value < 5; value++) {
                x.fill(value);
                recording.replay(0);
                assertThat(y.toFloats()).containsOnly(2 * value);
            }
        }
    }

    private static void draws(Session session, Recorder recorder) {
        Tensor x = session.ones(SHAPE);
        Tensor y = session.empty(DType.FLOAT32, x.layout());
        Tensor numbers = session.empty(DType.FLOAT32, x.layout());
        RandomKey key = new RandomKey(5, 6, 7);
        try (Recording recording = record(recorder, () -> {
            try (Scope scope = session.scope("work")) {
                y.assign(Dropout.apply(x, 0.5, key));
                session.backend().randomFill().normal(key, numbers);
            }
        })) {
            for (long advance : new long[] {0, 1, 0x1_0000_0000L, 0}) {
                recording.replay(advance);
                RandomKey moved = new RandomKey(5, 6, 7 + advance);
                assertThat(y.toFloats())
                        .as("mask at %d", advance)
                        .isEqualTo(Dropout.apply(x, 0.5, moved).toFloats());
                assertThat(numbers.toFloats())
                        .as("normal numbers at %d", advance)
                        .isEqualTo(session.normal(moved, SHAPE).toFloats());
            }
        }
    }

    private static void memoryApart(Session session, Recorder recorder) {
        Tensor x = session.full(3, SHAPE);
        Tensor y = session.empty(DType.FLOAT32, x.layout());
        try (Recording recording = record(recorder, () -> doubled(x, y))) {
            Tensor[] others = new Tensor[8];
            for (int i = 0; i < others.length; i++) {
                others[i] = session.full(i, SHAPE);
            }
            recording.replay(0);
            for (int i = 0; i < others.length; i++) {
                assertThat(others[i].toFloats()).containsOnly(i);
            }
            assertThat(y.toFloats()).containsOnly(6);
        }
    }

    private static void refuses(Session session, Recorder recorder) {
        Tensor x = session.ones(SHAPE);
        assertThatThrownBy(() -> recorder.record(x::toFloats)).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> recorder.record(() -> session.tensor(new float[] {1}, Shape.of(1))))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> recorder.record(() -> {
                    throw new IllegalStateException("the work failed");
                }))
                .hasMessageContaining("the work failed");
        assertThat(x.mul(2).toFloats()).as("afterwards, all is as before").containsOnly(2);
    }

    private static void givesBack(Session session, Recorder recorder) {
        Tensor x = session.ones(SHAPE);
        Tensor y = session.empty(DType.FLOAT32, x.layout());
        record(recorder, () -> doubled(x, y)).close();
        session.backend().synchronize();
        var before = session.memory();
        for (int i = 0; i < 3; i++) {
            Recording recording = record(recorder, () -> doubled(x, y));
            recording.replay(0);
            recording.close();
            recording.close();
        }
        assertThat(session.memory().used()).isEqualTo(before.used());
        assertThat(session.memory().pooled()).isEqualTo(before.pooled());
    }
}
