package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ScopeTest {
    private static final Shape SHAPE = Shape.of(2, 3);

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("org.alborz.tensor");
    private Session session;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar");
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void close() {
        logger.detachAppender(log);
        session.close();
    }

    private List<String> messages() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void closesItsTensors() {
        Tensor x;
        try (Scope scope = session.scope("step")) {
            x = session.ones(SHAPE).named("activation");
            assertThat(scope.size()).isEqualTo(1);
        }
        assertThat(x.isClosed()).isTrue();
        assertThat(session.memory().used()).isZero();
        assertThatIllegalStateException()
                .isThrownBy(x::toFloats)
                .withMessageContaining("'activation'")
                .withMessageContaining("'step'")
                .withMessageContaining("keep");
    }

    @Test
    void keepHandsATensorToTheScopeOutside() {
        try (Scope outer = session.scope("epoch")) {
            Tensor kept;
            try (Scope inner = session.scope("step")) {
                session.ones(SHAPE);
                kept = inner.keep(session.ones(SHAPE));
            }
            assertThat(kept.toFloats()).containsOnly(1);
            assertThat(outer.size()).isEqualTo(1);
        }
        assertThat(session.memory().used()).isZero();
    }

    @Test
    void keepLeavesWhatBelongsElsewhere() {
        Scope model = session.freeStandingScope("model");
        Tensor parameter = model.adopt(session.ones(SHAPE));
        Tensor outside = session.ones(SHAPE);
        Scope step = session.scope("step");
        Tensor ofStep = session.ones(SHAPE);
        Tensor made;
        try (Scope layer = session.scope("layer")) {
            assertThat(layer.keep(parameter)).isSameAs(parameter);
            layer.keep(ofStep);
            layer.keep(outside);
            try (Scope inner = session.scope("inner")) {
                made = layer.keep(session.ones(SHAPE));
            }
        }
        assertThat(step.size()).isEqualTo(2);
        step.close();
        assertThat(made.isClosed()).isTrue();
        assertThat(ofStep.isClosed()).isTrue();
        assertThat(outside.toFloats()).containsOnly(1);
        assertThat(parameter.toFloats()).containsOnly(1);
        model.close();
        assertThat(parameter.isClosed()).isTrue();
    }

    @Test
    void adoptTakesATensorFromAnywhere() {
        Scope model = session.freeStandingScope("model");
        Tensor weight;
        try (Scope scope = session.scope("loading")) {
            weight = model.adopt(session.ones(SHAPE));
            assertThat(scope.size()).isZero();
        }
        assertThat(weight.isClosed()).isFalse();
        model.close();
        assertThat(weight.isClosed()).isTrue();
        assertThat(messages()).isEmpty();
    }

    @Test
    void clearClosesTensorsAndStaysOpen() {
        try (Scope scope = session.scope("loop")) {
            for (int i = 0; i < 40; i++) {
                session.ones(SHAPE);
            }
            assertThat(scope.size()).isEqualTo(40);
            scope.clear();
            assertThat(session.memory().used()).isZero();
            assertThat(session.ones(SHAPE).toFloats()).containsOnly(1);
        }
    }

    @Test
    void viewsShareMemoryUntilTheLastIsClosed() {
        Tensor x = session.ones(SHAPE);
        Tensor view = x.transpose(0, 1);
        assertThat(x.isExclusive()).isFalse();
        x.close();
        assertThat(view.isExclusive()).isTrue();
        assertThat(session.memory().used()).isPositive();
        view.close();
        assertThat(session.memory().used()).isZero();
    }

    @Test
    void aClosedHandleTouchesNothingThatCameAfterIt() {
        Tensor old = session.ones(SHAPE).named("old");
        old.close();
        Tensor next = session.ones(SHAPE);
        Tensor saved = next.detach();
        old.close();
        assertThat(next.toFloats()).containsOnly(1);
        assertThat(session.memory().buffers()).isEqualTo(1);
        assertThatIllegalStateException().isThrownBy(old::changedInPlace).withMessageContaining("'old'");
        assertThatIllegalStateException().isThrownBy(old::isExclusive);
        assertThatIllegalStateException().isThrownBy(old::isStale);
        assertThatIllegalStateException().isThrownBy(() -> session.write(new float[] {1, 2, 3, 4, 5, 6}, old));
        assertThat(saved.isStale()).isFalse();
        Tensor labels = session.tensor(new int[] {1, 2}, Shape.of(2));
        assertThat(labels.dtype()).isEqualTo(DType.INT32);
        assertThat(old.dtype()).isEqualTo(DType.FLOAT32);
    }

    @Test
    void refusesAdoptionByAClosedScopeAndKeepingWithNothingOutside() {
        Scope closed = session.scope("gone");
        closed.close();
        Tensor x = session.ones(SHAPE);
        assertThatIllegalStateException().isThrownBy(() -> closed.adopt(x)).withMessageContaining("'gone'");
        assertThatIllegalStateException()
                .isThrownBy(() -> session.freeStandingScope("model").keep(x))
                .withMessageContaining("'model'");
        x.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> session.innermostScope().adopt(x));
    }

    @Test
    void closingAnOuterScopeClosesTheInnerOnesAndSaysSo() {
        Scope outer = session.scope("epoch");
        Scope inner = session.scope("step");
        Tensor x = session.ones(SHAPE);
        outer.close();
        assertThat(x.isClosed()).isTrue();
        assertThat(messages()).singleElement().asString().contains("'epoch'", "'step'");
        inner.close();
        assertThat(session.memory().used()).isZero();
    }

    @Test
    void aSessionReportsWhatWasLeftOpen() {
        session.freeStandingScope("model").adopt(session.ones(SHAPE));
        session.scope("step");
        session.ones(SHAPE);
        session.close();
        assertThat(messages()).hasSize(2);
        assertThat(messages().get(0)).contains("Leak", "'model'", "1 tensors");
        assertThat(messages().get(1)).contains("Leak", "'step'", "1 tensors");
    }

    @Test
    void aTidySessionReportsNothing() {
        try (Scope scope = session.scope("step")) {
            session.ones(SHAPE);
        }
        session.close();
        session.close();
        assertThat(messages()).isEmpty();
    }

    @Test
    void warnsOnceOfAScopeThatFillsUp() {
        try (Scope scope = session.scope("training")) {
            for (int i = 0; i < 70_000; i++) {
                session.ones(SHAPE);
            }
        }
        assertThat(messages())
                .singleElement()
                .satisfies(message -> assertThat(message).contains("Scope 'training' holds 32768 tensors"));
    }

    @Test
    void refusesUseAfterClose() {
        session.close();
        assertThatIllegalStateException().isThrownBy(() -> session.ones(SHAPE)).withMessageContaining("cpu-scalar");
        assertThatIllegalStateException().isThrownBy(() -> session.scope("late"));
    }

    @Test
    void belongsToOneThreadUntilItIsHandedOver() throws InterruptedException {
        AtomicReference<Throwable> refused = new AtomicReference<>();
        inAnotherThread(() -> {
            try {
                session.ones(SHAPE);
            } catch (IllegalStateException e) {
                refused.set(e);
            }
        });
        assertThat(refused.get()).hasMessageContainingAll("'helper'", "moveToThisThread");
        inAnotherThread(() -> {
            session.moveToThisThread();
            session.ones(SHAPE);
        });
        assertThatIllegalStateException().isThrownBy(() -> session.ones(SHAPE));
        session.moveToThisThread();
        assertThat(session.ones(SHAPE).toFloats()).containsOnly(1);
    }

    private static void inAnotherThread(Runnable work) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(work, "helper");
        thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
        thread.start();
        thread.join();
        assertThat(failure.get()).isNull();
    }
}
