package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.alborz.autograd.Tape;
import org.alborz.optim.Adam;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Sgd;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Training loops by hand: what a step computes, for one model and for several, and which misuse it refuses. */
class TrainingStepTest {
    private Session session;
    private Tensor x;
    private Tensor labels;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar");
        x = session.normal(new RandomKey(1, 0, 0), Shape.of(4, 3));
        labels = session.tensor(new int[] {0, 1, 1, 0}, Shape.of(4));
    }

    @AfterEach
    void close() {
        session.close();
    }

    private static Sequential net() {
        return new Sequential(
                new Linear(3, 5).activation(Activation.RELU), new Dropout(0.3), new BatchNorm(5), new Linear(5, 2));
    }

    private Tensor loss(Tensor logits) {
        return Loss.crossEntropy().of(logits, labels);
    }

    @Test
    void givesTheBitsOfTapeAndPassByHand() {
        try (Model byStep = Model.create(session, net(), 7);
                Model byHand = Model.create(session, net(), 7)) {
            Adam stepped = new Adam(0.01);
            Adam handled = new Adam(0.01);
            handled.attach(byHand);
            for (int number = 1; number <= 3; number++) {
                try (TrainingStep step = byStep.step(5, number)) {
                    step.backward(loss(step.forward(x)));
                    stepped.step(step);
                }
                try (Scope scope = session.scope("step");
                        Tape tape = new Tape(session)) {
                    Pass pass = Pass.training(tape, 5, number);
                    tape.gradientsInto(
                            loss(byHand.forward(x, pass)),
                            byHand.trainable().stream().map(pass::used).toList(),
                            byHand.gradientViews());
                    handled.step(handled.learningRate(), number);
                }
            }
            assertThat(byStep.values().toFloats()).isEqualTo(byHand.values().toFloats());
            byStep.parameters()
                    .forEach((name, parameter) -> assertThat(parameter.value().toFloats())
                            .as(name)
                            .isEqualTo(byHand.parameters().get(name).value().toFloats()));
        }
    }

    @Test
    void freesWhatItMade() {
        try (Model model = Model.create(session, net(), 7)) {
            Optimizer sgd = new Sgd(0.1).momentum(0.9);
            sgd.attach(model);
            long before = session.memory().used();
            for (int number = 1; number <= 3; number++) {
                try (TrainingStep step = model.step(5, number)) {
                    step.backward(loss(step.forward(x)));
                    sgd.step(step);
                }
                assertThat(session.memory().used()).isEqualTo(before);
            }
            try (TrainingStep step = model.step(5, 4)) {
                step.forward(x);
            }
            assertThat(session.memory().used()).isEqualTo(before);
        }
    }

    /** Two layers of which a pass uses one. */
    private static final class Branches implements Module {
        private final Linear left = new Linear(3, 1);
        private final Linear right = new Linear(3, 1);

        @Override
        public void describe(Structure structure) {
            structure.module("left", left);
            structure.module("right", right);
        }
    }

    @Test
    void parametersThatAreNotUsedHaveGradientsOfZero() {
        Branches net = new Branches();
        try (Model model = Model.create(session, net, 1)) {
            model.gradients().fill(9);
            Sgd sgd = new Sgd(0.1);
            float[] right = model.parameters().get("right.weight").value().toFloats();
            try (TrainingStep step = model.step(1, 1)) {
                step.backward(net.left.forward(x, step.pass()).sum());
                sgd.step(step);
            }
            assertThat(model.gradientViews().get(0).toFloats()).doesNotContain(9, 0);
            assertThat(model.gradientViews().get(2).toFloats()).containsOnly(0);
            assertThat(model.gradientViews().get(3).toFloats()).containsOnly(0);
            assertThat(model.parameters().get("right.weight").value().toFloats())
                    .isEqualTo(right);
        }
    }

    @Test
    void gradientsOfMicroBatchesAddUp() {
        Sequential net = new Sequential(new Linear(3, 5).activation(Activation.RELU), new Linear(5, 2));
        try (Model model = Model.create(session, net, 7)) {
            double[] whole;
            try (TrainingStep step = model.step(5, 1)) {
                step.backward(loss(step.forward(x)));
                whole = model.gradients().toDoubles();
            }
            try (TrainingStep step = model.step(5, 1).microBatches(2)) {
                for (int i = 0; i < 2; i++) {
                    Tensor part = step.forward(x.narrow(0, 2 * i, 2));
                    step.backward(Loss.crossEntropy()
                            .of(part, labels.narrow(0, 2 * i, 2))
                            .mul(0.5));
                }
                new Sgd(0.1).step(step);
                double[] added = model.gradients().toDoubles();
                for (int i = 0; i < whole.length; i++) {
                    assertThat(added[i]).isCloseTo(whole[i], within(1e-6));
                }
            }
        }
    }

    @Test
    void anUnusedParameterKeepsTheGradientOfAnEarlierMicroBatch() {
        Branches net = new Branches();
        try (Model model = Model.create(session, net, 1);
                TrainingStep step = model.step(1, 1).microBatches(2)) {
            step.backward(net.left.forward(x, step.pass()).sum());
            float[] left = model.gradientViews().get(0).toFloats();
            step.backward(net.right.forward(x, step.pass()).sum());
            assertThat(model.gradientViews().get(0).toFloats()).isEqualTo(left);
            assertThat(model.gradientViews().get(2).toFloats()).isEqualTo(left);
        }
    }

    @Test
    void dropoutDrawsOtherNumbersForEachMicroBatch() {
        try (Model model = Model.create(session, new Sequential(new Linear(3, 64), new Dropout(0.5)), 7);
                TrainingStep step = model.step(5, 1).microBatches(2)) {
            Tensor first = step.forward(x);
            step.backward(first.sum());
            Tensor second = step.forward(x);
            step.backward(second.sum());
            assertThat(second.toFloats()).isNotEqualTo(first.toFloats());
        }
    }

    @Test
    void aGeneratorLearnsThroughADiscriminatorThatStaysAsItIs() {
        Sequential judge = new Sequential(new Linear(3, 4), Activations.tanh(), new Linear(4, 1));
        Sequential generator = new Sequential(new Linear(3, 4), Activations.tanh(), new Linear(4, 3));
        Sequential both = new Sequential(
                new Linear(3, 4),
                Activations.tanh(),
                new Linear(4, 3),
                new Linear(3, 4),
                Activations.tanh(),
                new Linear(4, 1));
        try (Model g = Model.create(session, generator, 1);
                Model d = Model.create(session, judge, 2);
                Model joined = Model.create(session, both, 3)) {
            Adam forG = new Adam(0.01);
            Adam forD = new Adam(0.01);
            // The step of the discriminator: what the generator made counts as constant.
            float[] generatorBefore = g.values().toFloats();
            float[] judgeBefore = d.values().toFloats();
            try (TrainingStep step = d.step(1, 1)) {
                Tensor fake = g.forward(x, Pass.evaluation());
                step.backward(step.forward(x).sub(step.forward(fake)).mean());
                forD.step(step);
            }
            assertThat(g.values().toFloats()).isEqualTo(generatorBefore);
            assertThat(g.gradients().toFloats()).containsOnly(0);
            assertThat(d.values().toFloats()).isNotEqualTo(judgeBefore);
            // The step of the generator, beside the same nets as one model.
            List<Parameter> parts = joined.trainable();
            for (int i = 0; i < parts.size(); i++) {
                Model from = i < 4 ? g : d;
                parts.get(i).value().assign(from.trainable().get(i % 4).value());
            }
            try (TrainingStep step = joined.step(1, 1)) {
                step.backward(step.forward(x).mean());
            }
            float[] judgeAfter = d.values().toFloats();
            float[] judgeGradients = d.gradients().toFloats();
            try (TrainingStep step = g.step(1, 1)) {
                Tensor verdict = d.forward(step.forward(x), step.pass());
                step.backward(verdict.mean());
                forG.step(step);
            }
            for (int i = 0; i < 4; i++) {
                assertThat(g.gradientViews().get(i).toFloats())
                        .isEqualTo(joined.gradientViews().get(i).toFloats());
            }
            assertThat(g.values().toFloats()).isNotEqualTo(generatorBefore);
            assertThat(d.values().toFloats()).isEqualTo(judgeAfter);
            assertThat(d.gradients().toFloats()).isEqualTo(judgeGradients);
        }
    }

    @Test
    void oneLossTrainsSeveralModels() {
        try (Model encoder = Model.create(session, new Linear(3, 2), 1);
                Model decoder = Model.create(session, new Linear(2, 3), 2)) {
            Optimizer first = new Adam(0.02);
            Optimizer second = new Sgd(0.1).momentum(0.9);
            first.attach(encoder);
            second.attach(decoder);
            double before = 0;
            double after = 0;
            for (int number = 1; number <= 60; number++) {
                try (TrainingStep step = TrainingStep.of(1, number, encoder, decoder)) {
                    Tensor code = encoder.forward(x, step.pass());
                    Tensor loss = Loss.mse().of(decoder.forward(code, step.pass()), x);
                    step.backward(loss);
                    first.step(step);
                    second.step(step);
                    before = number == 1 ? loss.item() : before;
                    after = loss.item();
                }
            }
            assertThat(after).isLessThan(before / 2);
        }
    }

    private static double norm(double[] values) {
        return Math.sqrt(Arrays.stream(values).map(v -> v * v).sum());
    }

    @Test
    void gradientsAreClippedByTheNormOfAllModelsTogether() {
        try (Model encoder = Model.create(session, new Linear(3, 2), 1);
                Model decoder = Model.create(session, new Linear(2, 3), 2);
                TrainingStep step = TrainingStep.of(1, 1, encoder, decoder)) {
            Tensor code = encoder.forward(x, step.pass());
            step.backward(Loss.mse().of(decoder.forward(code, step.pass()), x));
            double[] first = encoder.gradients().toDoubles();
            double norm = Math.hypot(norm(first), norm(decoder.gradients().toDoubles()));
            step.clipNorm(2 * norm); // a smaller one stays as it is
            assertThat(encoder.gradients().toDoubles()).isEqualTo(first);
            step.clipNorm(norm / 4);
            assertThat(Math.hypot(
                            norm(encoder.gradients().toDoubles()),
                            norm(decoder.gradients().toDoubles())))
                    .isCloseTo(norm / 4, within(1e-4 * norm));
            assertThat(norm(encoder.gradients().toDoubles())).isCloseTo(norm(first) / 4, within(1e-4 * norm));
            double most = Arrays.stream(encoder.gradients().toDoubles())
                            .map(Math::abs)
                            .max()
                            .orElseThrow()
                    / 2;
            step.clipValue(most);
            assertThat(Arrays.stream(encoder.gradients().toDoubles())
                            .map(Math::abs)
                            .max()
                            .orElseThrow())
                    .isCloseTo(most, within(1e-6));
            Sgd sgd = new Sgd(0.1);
            sgd.attach(encoder);
            sgd.step(step);
            assertThatIllegalStateException()
                    .isThrownBy(() -> step.clipNorm(1))
                    .withMessageContainingAll("clipNorm", "after an optimizer", "between step.backward(loss)");
        }
    }

    /** In mixed float16, gradients are those of the scaled loss until they are complete. */
    @Test
    void gradientsThatTheCallerChangesAreScaledUntilTheyAreComplete() {
        try (Model model = Model.create(session, new Linear(3, 1), Precision.mixed(DType.FLOAT16), 1);
                TrainingStep step = model.step(1, 5)) {
            model.lossScaler().restore(8, 0, 1);
            step.computeGradients(step.forward(x).mean());
            assertThat(model.gradientViews().get(1).toFloats()).containsExactly(8);
            Sgd sgd = new Sgd(0.1);
            assertThatIllegalStateException()
                    .isThrownBy(() -> sgd.step(step))
                    .withMessageContainingAll("not complete", "step.complete(number)");
            assertThatIllegalStateException()
                    .isThrownBy(() -> step.clipNorm(1))
                    .withMessageContainingAll("not complete", "before clipNorm");
            step.complete(3);
            assertThat(model.gradientViews().get(1).toFloats()).containsExactly(1);
            assertThat(step.number()).isEqualTo(5);
            assertThat(step.updateNumber()).isEqualTo(2);
            assertThatIllegalStateException().isThrownBy(() -> step.complete(3)).withMessageContaining("already");
            assertThatIllegalStateException().isThrownBy(() -> step.forward(x)).withMessageContaining("after backward");
            sgd.step(step);
        }
    }

    @Test
    void lossesThatAreNoneOfTheStepsAreRefused() {
        try (Model model = Model.create(session, net(), 7);
                Session elsewhere = Session.open("cpu-scalar");
                Model other = Model.create(elsewhere, new Linear(3, 1), 1);
                TrainingStep step = model.step(1, 1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> step.backward(null))
                    .withMessageContaining("a loss, got null");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> step.backward(session.scalar(1)))
                    .withMessageContaining("depends on parameters");
            try (TrainingStep foreign = other.step(1, 1)) {
                Tensor loss = foreign.forward(elsewhere.ones(Shape.of(1, 3))).sum();
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> step.backward(loss))
                        .withMessageContaining("own session");
            }
            try (Tape tape = new Tape(session)) {
                Tensor loss = loss(model.forward(x, Pass.training(tape, 1, 1)));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> step.backward(loss))
                        .withMessageContaining("step.pass()");
                step.forward(x);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> step.backward(loss))
                        .withMessageContaining("tape");
            }
            for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> step.clipNorm(bad))
                        .withMessageContaining("above 0, got " + bad);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> step.clipValue(bad))
                        .withMessageContaining("above 0, got " + bad);
            }
            assertThatIllegalStateException().isThrownBy(() -> step.clipNorm(1)).withMessageContaining("no gradients");
        }
    }

    @Test
    void misuseIsRefusedWithARemedy() {
        try (Model model = Model.create(session, net(), 7);
                Model other = Model.create(session, net(), 7)) {
            Sgd sgd = new Sgd(0.1);
            sgd.attach(model);
            TrainingStep closed = model.step(1, 1);
            closed.close();
            closed.close();
            assertThatIllegalStateException()
                    .isThrownBy(() -> closed.forward(x))
                    .withMessageContainingAll("closed", "model.step");
            try (TrainingStep step = model.step(1, 2)) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> sgd.step(step))
                        .withMessageContainingAll("no gradients", "step.backward(loss)");
                Tensor loss = loss(step.forward(x));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> step.backward(loss.detach()))
                        .withMessageContainingAll("depends on parameters", "detach()");
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> step.backward(step.forward(x)))
                        .withMessageContainingAll("one element", "mean()");
                step.backward(loss);
                assertThatIllegalStateException()
                        .isThrownBy(() -> step.backward(loss))
                        .withMessageContainingAll("after backward", "microBatches");
                assertThatIllegalStateException()
                        .isThrownBy(() -> step.forward(x))
                        .withMessageContaining("after backward");
                Sgd wrong = new Sgd(0.1);
                wrong.attach(other);
                assertThatIllegalStateException()
                        .isThrownBy(() -> wrong.step(step))
                        .withMessageContainingAll("another model", "TrainingStep.of");
                sgd.step(step);
                assertThatIllegalStateException()
                        .isThrownBy(() -> sgd.step(step))
                        .withMessageContainingAll("already", "begin another step");
            }
            try (TrainingStep step = model.step(1, 3).microBatches(2)) {
                step.backward(loss(step.forward(x)));
                assertThatIllegalStateException()
                        .isThrownBy(() -> sgd.step(step))
                        .withMessageContaining("1 of 2 micro-batches");
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> step.microBatches(3))
                        .withMessageContaining("before the first backward");
            }
            try (TrainingStep step = TrainingStep.of(1, 1, model, other)) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> step.forward(x))
                        .withMessageContainingAll("one model", "step.pass()");
                assertThatIllegalStateException()
                        .isThrownBy(() -> new Sgd(0.1).step(step))
                        .withMessageContaining("attach(model)");
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TrainingStep.of(1, 1, model, model))
                    .withMessageContaining("twice");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> TrainingStep.of(1, 1))
                    .withMessageContaining("at least one model");
        }
    }
}
