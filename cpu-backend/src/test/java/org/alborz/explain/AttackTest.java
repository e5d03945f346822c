package org.alborz.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.alborz.autograd.Tape;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.random.RandomKey;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AttackTest {
    private static final Loss LOSS = Loss.crossEntropy();
    private Session session;
    private Model model;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar");
        model = Model.create(session, new Sequential(new Linear(3, 2)), 1);
        model.parameter("0.weight").value().assign(session.tensor(new float[] {1, -2, 0, -1, 1, 0}, Shape.of(2, 3)));
    }

    @AfterEach
    void close() {
        model.close();
        session.close();
    }

    @Test
    void oneStepGoesAlongTheSignOfTheGradient() {
        Tensor x = session.tensor(new float[] {0.5f, 0.1f, 0.9f}, Shape.of(1, 3));
        Tensor label = session.tensor(new int[] {0}, Shape.of(1));
        // The loss of class 0 grows along w₁ − w₀ = (−2, 3, 0), for any x.
        float[] changed = Attack.fgsm(0.25).apply(model, LOSS, x, label, 1).toFloats();
        assertThat(changed).containsExactly(new float[] {0.25f, 0.35f, 0.9f}, within(1e-6f));
        float[] clipped =
                Attack.fgsm(0.25).range(0.3, 1).apply(model, LOSS, x, label, 1).toFloats();
        assertThat(clipped).containsExactly(new float[] {0.3f, 0.35f, 0.9f}, within(1e-6f));
        float[] towards = Attack.fgsm(0.25)
                .towardsLabels()
                .apply(model, LOSS, x, label, 1)
                .toFloats();
        assertThat(towards).containsExactly(new float[] {0.75f, -0.15f, 0.9f}, within(1e-6f));
        assertThat(x.toFloats()).containsExactly(0.5f, 0.1f, 0.9f);
    }

    @Test
    void severalStepsStayWithinEpsilon() {
        Tensor x = session.tensor(new float[] {0.5f, 0.1f, 0.9f}, Shape.of(1, 3));
        Tensor label = session.tensor(new int[] {0}, Shape.of(1));
        Attack attack = Attack.pgd(0.25, 0.1, 2).fromInput();
        assertThat(attack.apply(model, LOSS, x, label, 1).toFloats())
                .containsExactly(new float[] {0.3f, 0.3f, 0.9f}, within(1e-6f));
        assertThat(Attack.pgd(0.25, 0.1, 7)
                        .fromInput()
                        .apply(model, LOSS, x, label, 1)
                        .toFloats())
                .containsExactly(new float[] {0.25f, 0.35f, 0.9f}, within(1e-6f));
        float[] random =
                Attack.pgd(0.25, 0.01, 1).apply(model, LOSS, x, label, 1).toFloats();
        assertThat(random[2]).as("moved by the start alone").isNotEqualTo(0.9f).isBetween(0.65f, 1.15f);
        assertThat(Attack.pgd(0.25, 0.01, 1).apply(model, LOSS, x, label, 1).toFloats())
                .isEqualTo(random);
        assertThat(Attack.pgd(0.25, 0.01, 1).apply(model, LOSS, x, label, 2).toFloats())
                .isNotEqualTo(random);
    }

    @Test
    void manyStepsRaiseTheLossMoreThanOneAndLeaveNothing() {
        try (Model deep =
                Model.create(session, new Sequential(new Linear(3, 16), Activations.tanh(), new Linear(16, 4)), 3)) {
            Tensor x = session.normal(new RandomKey(5, 0, 0), Shape.of(8, 3));
            Tensor labels = session.tensor(new int[] {0, 1, 2, 3, 0, 1, 2, 3}, Shape.of(8));
            double clean = loss(deep, x, labels);
            double once = loss(deep, Attack.fgsm(0.5).apply(deep, LOSS, x, labels, 1), labels);
            double often = loss(deep, Attack.pgd(0.5, 0.1, 20).apply(deep, LOSS, x, labels, 1), labels);
            assertThat(once).isGreaterThan(clean);
            assertThat(often).isGreaterThanOrEqualTo(once);
            long before = session.memory().buffers();
            Attack.pgd(0.5, 0.1, 5).apply(deep, LOSS, x, labels, 1).close();
            assertThat(session.memory().buffers()).isEqualTo(before);
        }
    }

    private double loss(Model of, Tensor x, Tensor labels) {
        return LOSS.of(of.predict(x), labels).item();
    }

    @Test
    void whatCannotBeAttackedIsRefused() {
        assertThatThrownBy(() -> Attack.fgsm(0)).hasMessageContaining("epsilon");
        assertThatThrownBy(() -> Attack.pgd(1, 1, 0)).hasMessageContaining("at least 1 step, got 0");
        assertThatThrownBy(() -> Attack.fgsm(1).range(1, 0)).hasMessageContaining("least is below its most");
        Tensor tokens = session.tensor(new int[] {1}, Shape.of(1));
        assertThatThrownBy(() -> Attack.fgsm(1).apply(model, LOSS, tokens, tokens, 1))
                .hasMessageContaining("floating inputs");
    }

    /** Two classes that a feature of size 0.1 tells apart surely, and one of size 1 in nine cases of ten. */
    @Test
    void adversarialTrainingFindsWhatHolds() {
        RandomStream random = new RandomStream(7, 0);
        float[][] x = new float[400][2];
        int[] y = new int[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = random.nextInt(2);
            float sign = 2 * y[i] - 1;
            x[i][0] = 0.1f * sign;
            x[i][1] = random.nextInt(10) == 0 ? -sign : sign;
        }
        Attack attack = Attack.fgsm(0.2);
        assertThat(robust(x, y, null, attack)).isLessThan(0.2);
        assertThat(robust(x, y, attack, attack)).isGreaterThan(0.85);
    }

    /** Trains on what an attack makes, or on the inputs as they are, and returns the accuracy under the other attack. */
    private double robust(float[][] x, int[] y, Attack training, Attack test) {
        try (Model linear = Model.create(session, new Linear(2, 2), 1)) {
            Trainer trainer = training == null
                    ? Trainer.classifier(linear, new Adam(0.05), LOSS)
                            .verbose(false)
                            .build()
                    : Trainer.of(linear, new Adam(0.05), new AdversarialObjective(linear, LOSS, training))
                            .verbose(false)
                            .build();
            trainer.fit(DataLoader.of(ArrayDataset.of(x, y), 100).shuffle(true).build(), 150);
            trainer.close();
            Tensor labels = session.tensor(y, Shape.of(y.length));
            Tensor changed = test.apply(linear, LOSS, session.tensor(x), labels, 1);
            return linear.predict(changed)
                    .argMax(1)
                    .eq(labels)
                    .to(session.dtype())
                    .mean()
                    .item();
        }
    }

    @Test
    void theObjectiveMixesBothLossesAndIsPlainInEvaluation() {
        Tensor x = session.tensor(new float[] {0.5f, 0.1f, 0.9f}, Shape.of(1, 3));
        Tensor label = session.tensor(new int[] {0}, Shape.of(1));
        Attack attack = Attack.fgsm(0.25);
        double clean = loss(model, x, label);
        double changed = loss(model, attack.apply(model, LOSS, x, label, 1), label);
        AdversarialObjective objective = new AdversarialObjective(model, LOSS, attack, 0.25);
        try (Tape tape = new Tape(session)) {
            assertThat(objective.of(batch(x, label), Pass.training(tape, 1, 1)).item())
                    .isCloseTo(0.75 * changed + 0.25 * clean, within(1e-6));
            assertThat(objective.of(batch(x, label), Pass.evaluation(tape)).item())
                    .isCloseTo(clean, within(1e-6));
        }
        assertThat(objective.settings()).contains("epsilon=0.25", "0.25 of unchanged inputs");
        assertThatThrownBy(() -> new AdversarialObjective(model, LOSS, attack, 1))
                .hasMessageContaining("[0, 1), got 1.0");
    }

    /** Which is a question where there are more than two fields. */
    @Test
    void theObjectiveTellsMetricsWhichFieldIsTheTarget() {
        Tensor x = session.tensor(new float[] {0.5f, 0.1f, 0.9f}, Shape.of(1, 3));
        Tensor label = session.tensor(new int[] {0}, Shape.of(1));
        AdversarialObjective objective = new AdversarialObjective(model, LOSS, Attack.fgsm(0.25));
        for (boolean training : new boolean[] {true, false}) {
            BatchTensors batch = batch(x, label).field("id", session.tensor(new int[] {7}, Shape.of(1)));
            try (Tape tape = new Tape(session)) {
                objective.of(batch, training ? Pass.training(tape, 1, 1) : Pass.evaluation(tape));
            }
            assertThat(batch.has(BatchTensors.TARGET)).isTrue();
            assertThat(batch.get(BatchTensors.TARGET)).isSameAs(label);
        }
    }

    private static BatchTensors batch(Tensor x, Tensor label) {
        return new BatchTensors(1).field("x", x).field("label", label);
    }
}
