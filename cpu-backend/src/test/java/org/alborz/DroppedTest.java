package org.alborz;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.optim.Adam;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/**
 * What was never closed ends its threads when the garbage collector has found it, and the log says where it was made.
 *
 * <p>Stands outside of the engine's packages, since those are never named as the place.
 */
@Timeout(300)
class DroppedTest {
    private static final BackendOptions THREE = BackendOptions.defaults().withThreads(3);

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("org.alborz");
    private final Set<Thread> before = threads();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
    }

    @AfterEach
    void stop() {
        logger.setAdditive(true);
        logger.detachAppender(log);
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("alborz-cpu-"))
                .collect(Collectors.toSet());
    }

    private List<Thread> started() {
        return threads().stream().filter(thread -> !before.contains(thread)).toList();
    }

    /** What was said of things made here; other tests may have dropped some as well. */
    private List<ILoggingEvent> reports() {
        return List.copyOf(log.list).stream()
                .filter(event -> event.getFormattedMessage().contains("DroppedTest.java"))
                .toList();
    }

    private void collectUntilReported(int reports) throws InterruptedException {
        while (!started().isEmpty() || reports().size() < reports) {
            System.gc();
            Thread.sleep(10);
        }
        assertThat(reports()).hasSize(reports).allSatisfy(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.WARN);
            assertThat(event.getFormattedMessage())
                    .contains("made at org.alborz.DroppedTest.", "DroppedTest.java:", "dropped without close()");
        });
    }

    @Test
    void sessionsEndTheirThreads() throws InterruptedException {
        for (int i = 0; i < 25; i++) {
            dropSession();
        }
        collectUntilReported(25);
        assertThat(reports().get(0).getFormattedMessage()).startsWith("A session on cpu-vector");
    }

    private static void dropSession() {
        Session session = Session.open("cpu-vector", THREE, DType.FLOAT32);
        Trainer.classifier(Model.create(session, new Linear(3, 2), 1), new Adam(1), Loss.crossEntropy())
                .build();
        session.ones(Shape.of(100)).exp();
    }

    @Test
    void backendsEndTheirThreads() throws InterruptedException {
        dropBackend();
        collectUntilReported(1);
        assertThat(reports().get(0).getFormattedMessage()).startsWith("A backend with 3 threads");
    }

    private static void dropBackend() {
        Backend backend = Backends.find().open("cpu-vector", THREE);
        backend.allocate(DType.FLOAT32, 10);
    }

    @Test
    void aSessionThatOnlyItsTensorsKnowIsNotDropped() throws InterruptedException {
        Tensor tensor = Session.open("cpu-vector", THREE, DType.FLOAT32).ones(Shape.of(1 << 16));
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(5);
        }
        assertThat(tensor.exp().log().toFloats()).hasSize(1 << 16);
        tensor.session().close();
        assertThat(reports()).isEmpty();
        while (!started().isEmpty()) {
            Thread.sleep(1);
        }
    }

    @Test
    void whatWasClosedIsNotReported() throws InterruptedException {
        Session.open("cpu-vector", THREE, DType.FLOAT32).close();
        Backends.find().open("cpu-vector", THREE).close();
        collectUntilReported(0);
    }

    @Test
    void theSessionsScopeWarnsOnceOfTensorsMadeOutsideOfAnyOther() {
        try (Session session = Session.open("cpu-scalar")) {
            for (int i = 0; i < 5_000; i++) {
                try (Scope scope = session.scope("step")) {
                    session.ones(Shape.of(2, 3));
                }
            }
            assertThat(reports()).isEmpty();
            for (int i = 0; i < 20_000; i++) {
                session.ones(Shape.of(2, 3));
            }
        }
        assertThat(reports())
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage())
                        .contains("session's own scope holds 4096 tensors", "session.scope(\"step\")"));
    }
}
