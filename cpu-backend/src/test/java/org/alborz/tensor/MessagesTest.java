package org.alborz.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import org.alborz.autograd.Tape;
import org.alborz.metrics.Accuracy;
import org.alborz.metrics.ConfusionMatrix;
import org.alborz.metrics.RunningMetrics;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.type.Shape;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages name the cause and a remedy that fits it. */
class MessagesTest {
    private Session session;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar");
    }

    @AfterEach
    void close() {
        session.close();
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(call)
                .satisfies(e -> assertThat(e).hasMessageContainingAll(parts));
    }

    @Test
    void aPartThatDescribeForgot() {
        Linear named = new Linear(2, 2);
        Linear forgotten = new Linear(2, 3);
        Layer module = new Layer() {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                return forgotten.forward(named.forward(x, pass), pass);
            }

            @Override
            public void describe(Structure structure) {
                structure.module("named", named);
            }
        };
        try (Model model = Model.create(session, module, 1)) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> model.forward(session.ones(Shape.of(1, 2)), Pass.evaluation()))
                    .withMessageContaining("[3, 2]")
                    .withMessageContaining("describe(structure)")
                    .withMessageContaining("Model.create");
        }
    }

    @Test
    void aLoopByHandWithAParameterThatThePassDidNotUse() {
        Linear used = new Linear(2, 2);
        Linear spare = new Linear(2, 2);
        Layer module = new Layer() {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                return used.forward(x, pass);
            }

            @Override
            public void describe(Structure structure) {
                structure.module("used", used);
                structure.module("spare", spare);
            }
        };
        try (Model model = Model.create(session, module, 1)) {
            model.gradients().fill(5);
            try (Scope scope = session.scope("step");
                    Tape tape = new Tape(session)) {
                Pass pass = Pass.training(tape, 1, 1);
                Tensor loss = model.forward(session.ones(Shape.of(1, 2)), pass).sum();
                tape.gradientsInto(
                        loss, model.trainable().stream().map(pass::used).toList(), model.gradientViews());
            }
            assertThat(model.gradientViews().get(0).toDoubles()).containsOnly(1);
            assertThat(model.gradientViews().get(2).toDoubles()).containsOnly(0);
            try (Tape tape = new Tape(session)) {
                Pass pass = Pass.training(tape, 1, 1);
                Tensor loss = model.forward(session.ones(Shape.of(1, 2)), pass).sum();
                refused(
                        () -> tape.gradients(
                                loss, model.trainable().stream().map(pass::used).toArray(Tensor[]::new)),
                        "number 2",
                        "Pass.used",
                        "gradientsInto");
            }
        }
    }

    @Test
    void tensorsOfAnotherSession() {
        try (Session other = Session.open("cpu-vector");
                Tape tape = new Tape(session)) {
            Tensor elsewhere = other.ones(Shape.of(2));
            Tensor index = other.tensor(new int[] {0}, Shape.of(1));
            long before = other.memory().used();
            refused(() -> tape.watch(elsewhere), "tape", "cpu-scalar", "cpu-vector", "[2] float32");
            refused(() -> session.innermostScope().adopt(elsewhere), "Scope 'session'", "cpu-scalar", "cpu-vector");
            refused(() -> session.ones(Shape.of(2)).gather(0, index), "gather");
            refused(() -> session.write(new float[2], elsewhere), "write", "cpu-vector");
            assertThat(other.memory().used()).isEqualTo(before);
        }
    }

    private static BatchTensors batch(Tensor loss, Tensor logits, Tensor labels) {
        BatchTensors batch = new BatchTensors(2).field("input", logits).field("label", labels);
        batch.put(BatchTensors.OUTPUT, logits);
        batch.put(BatchTensors.LOSS, loss);
        return batch;
    }

    @Test
    void metrics() {
        refused(() -> new ConfusionMatrix(-1), "at least 1 class", "-1");
        ConfusionMatrix confusion = new ConfusionMatrix(3);
        refused(() -> confusion.add(3, 0), "0 to 2", "true class 3");
        refused(() -> confusion.add(0, -1), "0 to 2", "predicted class -1");
        assertThat(confusion.total()).isZero();
        try (Model model = Model.create(session, new Linear(2, 3), 1)) {
            RunningMetrics metrics = new RunningMetrics(model, List.of(new Accuracy()));
            Tensor logits = session.ones(Shape.of(2, 3));
            Tensor labels = session.tensor(new int[] {0, 0}, Shape.of(2));
            Tensor one = session.tensor(new int[] {0}, Shape.of(1));
            refused(() -> metrics.add(batch(session.scalar(1), logits, one)), "labels int32 [N]", "[1] int32");
            refused(() -> metrics.add(batch(session.scalar(1), logits, session.ones(Shape.of(2)))), "[2] float32");
            refused(() -> metrics.add(batch(session.ones(Shape.of(2)), logits, labels)), "loss of one element");
            metrics.add(batch(session.ones(Shape.of(1)), logits, labels));
            assertThat(metrics.loss()).isEqualTo(1);
            assertThat(metrics.accuracy()).isEqualTo(1);
        }
    }

    @Test
    void layersOfNoUse() {
        refused(() -> new BatchNorm(0), "BatchNorm", "0 channels");
        for (double wrong : new double[] {-1, 2, Double.NaN}) {
            refused(() -> new BatchNorm(3, wrong, 1e-5), "momentum " + wrong);
        }
        for (double wrong : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            refused(() -> new BatchNorm(3, 0.1, wrong), "epsilon " + wrong);
        }
    }
}
