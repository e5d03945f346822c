package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.alborz.data.Batch;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.metrics.Accuracy;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.optim.ParameterGroup;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Trainers, objectives, groups and predictions that make no sense, and what they leave behind. */
class HostileTrainingTest {
    private static final int FEATURES = 3 * 32 * 32;

    private final Session session = Session.open("cpu-vector");

    @AfterEach
    void close() {
        session.close();
    }

    private Model model() {
        return Model.create(session, new Sequential(new Flatten(), new Linear(FEATURES, 10)), 1);
    }

    private static DataLoader data() {
        return DataLoader.of(GeneratedImages.train(3, 16), 8).build();
    }

    /** Fails in the second training step, and does as told in all others. */
    private static Objective lateFault(Model model, Objective fault) {
        Objective usual = Objective.supervised(model, Loss.crossEntropy());
        int[] steps = new int[1];
        return (batch, pass) -> pass.isTraining() && ++steps[0] == 2 ? fault.of(batch, pass) : usual.of(batch, pass);
    }

    private void lateFaultIsRefused(String words, Objective fault) {
        try (Model model = model()) {
            learned = model;
            long used = session.memory().used();
            try (Trainer trainer = Trainer.of(model, new Adam(1e-3), lateFault(model, fault))
                    .gradientAccumulation(1)
                    .build()) {
                assertThatThrownBy(() -> trainer.fit(data(), 2)).hasMessageContaining(words);
                assertThat(trainer.step()).isEqualTo(1);
                double[] before = model.values().toDoubles();
                // The run goes on from where it stands.
                trainer.fit(data(), 2);
                assertThat(trainer.step()).isEqualTo(4);
                assertThat(model.values().toDoubles()).isNotEqualTo(before);
                assertThat(model.isFinite()).isTrue();
            }
            assertThat(session.memory().used()).isEqualTo(used);
        }
    }

    @Test
    void objectivesThatFailLaterChangeNothing() {
        lateFaultIsRefused("returned null", (batch, pass) -> null);
        lateFaultIsRefused("one element", (batch, pass) -> pass.use(first(pass)).square());
        lateFaultIsRefused("depends on parameters", (batch, pass) -> session.scalar(1));
        lateFaultIsRefused("fails itself", (batch, pass) -> {
            throw new IllegalStateException("fails itself");
        });
        try (Session other = Session.open("cpu-scalar");
                Model elsewhere = Model.create(other, new Linear(3, 1), 1)) {
            lateFaultIsRefused("own session", (batch, pass) -> other.scalar(1));
            lateFaultIsRefused(
                    "own session",
                    (batch, pass) -> elsewhere
                            .step(1, 1)
                            .forward(other.ones(Shape.of(1, 3)))
                            .sum());
        }
    }

    private Model learned;

    private org.alborz.nn.Parameter first(org.alborz.nn.Pass pass) {
        return learned.trainable().get(0);
    }

    @Test
    void anObjectiveThatClosesItsBatchOrItsLossIsToldSo() {
        try (Model model = model()) {
            Objective usual = Objective.supervised(model, Loss.crossEntropy());
            double[] before = model.values().toDoubles();
            Objective closesLoss = (batch, pass) -> {
                Tensor loss = usual.of(batch, pass);
                loss.close();
                return loss;
            };
            Objective closesBatch = (batch, pass) -> {
                Tensor loss = usual.of(batch, pass);
                batch.get(1).close();
                return loss;
            };
            for (Objective objective : List.of(closesLoss, closesBatch)) {
                long used = session.memory().used();
                try (Trainer trainer = Trainer.of(model, new Sgd(0.1), objective)
                        .metrics(new Accuracy())
                        .build()) {
                    assertThatThrownBy(() -> trainer.fit(data(), 1)).hasMessageContaining("closed");
                }
                assertThat(session.memory().used()).isEqualTo(used);
            }
            assertThat(model.values().toDoubles()).isEqualTo(before);
        }
    }

    @Test
    void aModelThatIsAllFrozenIsNamedAsTheCause() {
        try (Model model = model();
                Trainer trainer = Trainer.classifier(model, new Adam(1e-3)).build()) {
            model.freeze(name -> true);
            assertThatThrownBy(() -> trainer.fit(data(), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("all parameters of the model are frozen", "model.unfreeze(names)");
            model.unfreeze(name -> true);
            trainer.fit(data(), 1);
        }
        try (Model nothing = Model.create(session, new Flatten(), 1);
                Trainer trainer = Trainer.classifier(nothing, new Sgd(0.1)).build()) {
            assertThatThrownBy(() -> trainer.fit(data(), 1)).hasMessageContaining("no parameter that learns");
        }
    }

    @Test
    void buildersRefuseNonsense() {
        try (Model model = model()) {
            Trainer.Builder builder = Trainer.classifier(model, new Sgd(0.1));
            assertThatThrownBy(() -> builder.schedule(null)).hasMessageContaining("a schedule, got null");
            assertThatThrownBy(() -> builder.callback(null)).hasMessageContaining("a callback, got null");
            assertThatThrownBy(() -> builder.metrics((org.alborz.metrics.Metric) null))
                    .hasMessageContaining("a metric, got null");
            assertThatThrownBy(() -> builder.metrics((org.alborz.metrics.Metric[]) null))
                    .hasMessageContaining("got null");
            assertThatThrownBy(() -> builder.evaluationMetrics((org.alborz.metrics.Metric[]) null))
                    .hasMessageContaining("got null");
            assertThatThrownBy(() -> builder.gradientAccumulation(-1)).hasMessageContaining("at least 1 batch, got -1");
            assertThatThrownBy(() -> Trainer.of(null, new Sgd(0.1), (batch, pass) -> null))
                    .hasMessageContaining("a model, got null");
            assertThatThrownBy(() -> Trainer.of(model, null, (batch, pass) -> null))
                    .hasMessageContaining("an optimizer, got null");
            assertThatThrownBy(() -> Trainer.of(model, new Sgd(0.1), null))
                    .hasMessageContaining("an objective, got null");
            // A second trainer of one builder has the optimizer of the first.
            Trainer trainer = builder.clipNorm(3).clipNorm(1).build();
            assertThat(trainer.settings()).containsEntry("gradient_clipping", "norm 1.0");
            assertThatThrownBy(builder::build).hasMessageContaining("already serves a model");
            trainer.fit(data(), 1);
            trainer.close();
            trainer.close();
            try (Trainer again = builder.build()) {
                again.fit(data(), 1);
                assertThat(again.step()).isEqualTo(2);
            }
            assertThatThrownBy(() -> trainer.fit(data(), 1)).hasMessageContaining("closed");
            assertThatThrownBy(() -> trainer.step(null)).hasMessageContaining("closed");
        }
        Model closed = model();
        closed.close();
        long used = session.memory().used();
        assertThatThrownBy(() -> Trainer.classifier(closed, new Adam(0.1)).build())
                .hasMessageContaining("closed");
        assertThat(session.memory().used()).isEqualTo(used);
    }

    @Test
    void groupsMayOverlapAndShare() {
        Linear tied = new Linear(4, 4).bias(false);
        try (Model model = Model.create(session, new Sequential(tied, tied, new Linear(4, 2)), 1)) {
            Sgd sgd = new Sgd(1)
                    .groups(
                            ParameterGroup.named(name -> name.startsWith("1."))
                                    .rateFactor(2), // the second name of the first
                            ParameterGroup.named(name -> name.startsWith("0.")).rateFactor(3),
                            ParameterGroup.vectors().rateFactor(0));
            assertThatThrownBy(() -> sgd.attach(model))
                    .as("the second group's only parameter is taken by the first")
                    .hasMessageContainingAll(
                            "takes no learned parameter", "rate factor 3.0", "[0.weight]", "before them");
            Sgd overlapping = new Sgd(1)
                    .groups(
                            ParameterGroup.named(name -> name.startsWith("1.")).rateFactor(2),
                            ParameterGroup.of(parameter -> true).rateFactor(0));
            overlapping.attach(model);
            model.gradients().fill(1);
            float before = model.parameter("0.weight").value().toFloats()[0];
            float[] head = model.parameter("2.weight").value().toFloats();
            overlapping.step(0.5, 1);
            assertThat(model.parameter("0.weight").value().toFloats()[0]).isEqualTo(before - 1);
            assertThat(model.parameter("2.weight").value().toFloats()).isEqualTo(head);
        }
    }

    @Test
    void predictionsNeedOutputsAndSamples() {
        try (Model model = model()) {
            Objective none = (batch, pass) -> model.forward(batch.get(0), pass).mean();
            try (Trainer trainer = Trainer.of(model, new Sgd(0.1), none).build()) {
                assertThatThrownBy(() -> trainer.predict(data())).hasMessageContaining("batch.put(\"output\"");
                assertThatThrownBy(() -> trainer.predict(null)).hasMessageContaining("a data loader, got null");
                assertThatThrownBy(() -> trainer.predict(data(), (BiConsumer<Batch, Tensor>) null))
                        .hasMessageContaining("takes the outputs, got null");
                assertThatThrownBy(() -> trainer.evaluate(null)).hasMessageContaining("a data loader, got null");
            }
            Objective nothing = new Objective() {
                @Override
                public Tensor of(org.alborz.nn.BatchTensors batch, org.alborz.nn.Pass pass) {
                    return model.forward(batch.get(0), pass).mean();
                }

                @Override
                public Tensor output(org.alborz.nn.BatchTensors batch, org.alborz.nn.Pass pass) {
                    return null;
                }
            };
            try (Trainer trainer = Trainer.of(model, new Sgd(0.1), nothing).build()) {
                assertThatThrownBy(() -> trainer.predict(data())).hasMessageContaining("returned null as its output");
            }
            try (Trainer trainer = Trainer.classifier(model, new Sgd(0.1)).build()) {
                AtomicBoolean open = new AtomicBoolean();
                assertThatThrownBy(() -> trainer.predict(data(), (batch, output) -> {
                            open.set(!output.isClosed());
                            throw new IllegalStateException("what takes them fails");
                        }))
                        .hasMessage("what takes them fails");
                assertThat(open).isTrue();
                assertThat(trainer.predict(data()).values()).hasSize(160);
            }
            assertThatThrownBy(() -> DataLoader.of(GeneratedImages.train(3, 4), 8)
                            .dropLast(true)
                            .build())
                    .hasMessageContaining("no batch");
        }
    }

    @Test
    void lossesThatAreNoNumbersAreLeftToCallbacks() {
        try (Model model = model();
                Trainer trainer = Trainer.of(
                                model,
                                new Sgd(0.1),
                                (batch, pass) -> model.forward(batch.get(0), pass)
                                        .mul(Double.NaN)
                                        .mean())
                        .build()) {
            List<EpochResult> results = trainer.fit(data(), 1);
            assertThat(results.get(0).loss()).isNaN();
            assertThat(results.get(0).isFinite()).isFalse();
            assertThat(model.isFinite()).isFalse();
        }
    }
}
