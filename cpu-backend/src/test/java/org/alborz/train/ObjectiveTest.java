package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.data.Dataset;
import org.alborz.data.Field;
import org.alborz.data.Sample;
import org.alborz.metrics.Accuracy;
import org.alborz.metrics.MeanAbsoluteError;
import org.alborz.metrics.MeanSquaredError;
import org.alborz.metrics.Metric;
import org.alborz.metrics.MetricInputs;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Module;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.nn.Structure;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** A trainer trains whatever an objective computes: several inputs, outputs and targets, other targets than classes, or none. */
class ObjectiveTest {
    private final Session session = Session.open("cpu-vector");

    @AfterEach
    void close() {
        session.close();
    }

    /** Two inputs {@code [3]} and {@code [2]}, a target {@code [1]} and a class; the target is a sum, the class its sign. */
    private record Pairs(int size) implements Dataset {
        @Override
        public List<Field> fields() {
            return List.of(
                    Field.of("left", DType.FLOAT32, 3),
                    Field.of("right", DType.FLOAT32, 2),
                    Field.of("sum", DType.FLOAT32, 1),
                    Field.of("sign", DType.INT32));
        }

        @Override
        public void read(int index, Sample into) {
            double sum = 0;
            for (int field = 0; field < 2; field++) {
                for (int i = 0; i < fields().get(field).elements(); i++) {
                    double value = Math.sin(1.7 * index + 0.9 * i + 2.3 * field);
                    into.floats(field)[into.at(field) + i] = (float) value;
                    sum += value;
                }
            }
            into.set(2, sum);
            into.set(3, sum > 0 ? 1 : 0);
        }

        @Override
        public String description() {
            return size + " pairs";
        }
    }

    /** A net with two inputs and two outputs. */
    private static final class TwoHeads implements Module {
        private final Linear left = new Linear(3, 16);
        private final Linear right = new Linear(2, 16);
        private final Linear sum = new Linear(16, 1);
        private final Linear sign = new Linear(16, 2);

        @Override
        public void describe(Structure structure) {
            structure.module("left", left);
            structure.module("right", right);
            structure.module("sum", sum);
            structure.module("sign", sign);
        }

        Tensor hidden(BatchTensors batch, Pass pass) {
            return left.forward(batch.get("left"), pass)
                    .add(right.forward(batch.get("right"), pass))
                    .relu();
        }
    }

    private static Objective of(TwoHeads net) {
        return (batch, pass) -> {
            Tensor hidden = net.hidden(batch, pass);
            Tensor sum = net.sum.forward(hidden, pass);
            Tensor sign = net.sign.forward(hidden, pass);
            batch.put(BatchTensors.OUTPUT, sum);
            batch.put("sign logits", sign);
            return Loss.mse().of(sum, batch.get("sum")).add(Loss.crossEntropy().of(sign, batch.get("sign")));
        };
    }

    @Test
    void severalInputsOutputsAndTargets() {
        TwoHeads net = new TwoHeads();
        Model model = Model.create(session, net, 1);
        Trainer trainer = Trainer.of(model, new Adam(1e-2), of(net))
                .metrics(new Accuracy(new MetricInputs("sign logits", "sign")))
                .build();
        DataLoader train = DataLoader.of(new Pairs(120), 16).shuffle(true).build();
        List<EpochResult> results =
                trainer.fit(train, DataLoader.of(new Pairs(40), 7).build(), 20);
        EpochResult last = results.get(19);
        assertThat(last.loss()).isLessThan(results.get(0).loss() / 4);
        assertThat(last.figures().keySet()).containsExactly("loss", "sign_accuracy", "val_loss", "val_sign_accuracy");
        assertThat(last.value("val_sign_accuracy")).isGreaterThan(0.9);
        assertThatThrownBy(last::accuracy)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("no metric 'accuracy'", "sign_accuracy");
        model.close();
    }

    @Test
    void eachOutputCanBePredicted() {
        TwoHeads net = new TwoHeads();
        Model model = Model.create(session, net, 1);
        Trainer trainer = Trainer.of(model, new Adam(1e-2), of(net)).build();
        DataLoader data = DataLoader.of(new Pairs(20), 8).build();
        assertThat(trainer.predict(data, "sign logits").shape()).isEqualTo(Shape.of(20, 2));
        assertThat(trainer.predict(data, "output")).isEqualTo(trainer.predict(data));
        assertThatThrownBy(() -> trainer.predict(data, "signs")).hasMessageContainingAll("'signs'", "'sign logits'");
        model.close();
    }

    /** A layer that reads a parameter past the pass, so that it has no gradient. */
    private static final class PastThePass implements Layer {
        private final Parameter factor = Parameter.of(Shape.of(1), Initializer.constant(1));

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x.mul(factor.value());
        }

        @Override
        public void describe(Structure structure) {
            structure.parameter("factor", factor);
        }
    }

    @Test
    void parametersWithoutAPartInTheLossAreNamedOnce() {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(Trainer.class);
        logger.addAppender(log);
        try (Model model = Model.create(session, new Sequential(new Linear(3, 1), new PastThePass()), 1)) {
            Objective objective =
                    (batch, pass) -> model.forward(batch.get("left"), pass).mean();
            Trainer trainer = Trainer.of(model, new Adam(1e-2), objective).build();
            trainer.fit(DataLoader.of(new Pairs(20), 8).build(), 2);
            assertThat(log.list)
                    .filteredOn(event -> event.getLevel() == Level.WARN)
                    .singleElement()
                    .satisfies(event -> assertThat(event.getFormattedMessage())
                            .contains("'1.factor'", "pass.use(parameter)")
                            .doesNotContain("'0.weight'"));
            model.freeze("1.factor"::equals);
            log.list.clear();
            Trainer.of(model, new Adam(1e-2), objective)
                    .build()
                    .fit(DataLoader.of(new Pairs(20), 8).build(), 1);
            assertThat(log.list).noneMatch(event -> event.getLevel() == Level.WARN);
        } finally {
            logger.detachAppender(log);
        }
    }

    /** Of three fields or more, no metric guesses which one is the target. */
    @Test
    void theTargetOfAMetricIsNamedWhereThereAreMoreFieldsThanTwo() {
        TwoHeads net = new TwoHeads();
        Model model = Model.create(session, net, 1);
        DataLoader data = DataLoader.of(new Pairs(40), 8).build();
        Trainer silent = Trainer.of(model, new Adam(1e-2), of(net))
                .metrics(new MeanAbsoluteError())
                .build();
        assertThatThrownBy(() -> silent.evaluate(data))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("'left', 'right', 'sum', 'sign'", "new MetricInputs(", "batch.put(\"target\"");
        Objective named = (batch, pass) -> {
            batch.put(BatchTensors.TARGET, batch.get("sum"));
            return of(net).of(batch, pass);
        };
        Trainer trainer = Trainer.of(model, new Adam(1e-2), named)
                .metrics(new MeanAbsoluteError(), new MeanSquaredError(new MetricInputs("output", "sum")))
                .build();
        Evaluation evaluation = trainer.evaluate(data);
        assertThat(evaluation.values()).containsOnlyKeys("mae", "sum_mse");
        assertThat(evaluation.toString()).matches("loss [0-9.]+  mae [0-9.]+  sum_mse [0-9.]+  \\(40 samples\\)");
        model.close();
    }

    @Test
    void labelsMayBeLong() {
        Model model = Model.create(session, new Linear(2, 3), 1);
        Trainer trainer = Trainer.classifier(model, new Adam(1e-2)).build();
        trainer.fit(longLabels(0, 1, 2), 1);
        assertThatThrownBy(() -> trainer.fit(longLabels(0, 1, 3L << 32), 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("Sample 2 has the label 12884901888", "expected 0 to 2");
        model.close();
    }

    private static DataLoader longLabels(long... labels) {
        Dataset data = ArrayDataset.builder()
                .field("x", new float[][] {{1, 2}, {3, 4}, {5, 6}})
                .field("label", labels)
                .build();
        return DataLoader.of(data, 3).build();
    }

    @Test
    void aPresetNamesField1AsTheTarget() {
        Model model = Model.create(session, new Linear(3, 2), 1);
        float[][] x = {{1, 2, 3}, {4, 5, 6}};
        Dataset weighted = ArrayDataset.builder()
                .field("x", x)
                .field("label", new int[] {0, 1})
                .field("place", new int[] {7, 8})
                .classes("no", "yes")
                .build();
        Trainer trainer = Trainer.classifier(model, new Adam(1e-2)).build();
        assertThat(trainer.evaluate(DataLoader.of(weighted, 2).build()).accuracy())
                .isBetween(0.0, 1.0);
        Dataset elsewhere = ArrayDataset.builder()
                .field("x", x)
                .field("place", new int[] {0, 1})
                .field("target", new int[] {0, 1})
                .classes("no", "yes")
                .build();
        assertThatThrownBy(() -> trainer.evaluate(DataLoader.of(elsewhere, 2).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("field 'target' elsewhere", "field 1");
        model.close();
    }

    @Test
    void anAutoencoderNeedsNoTarget() {
        Layer net = new Sequential(new Linear(3, 2).activation(Activation.RELU), new Linear(2, 3));
        Model model = Model.create(session, net, 1);
        Objective reconstruction = (batch, pass) -> {
            Tensor output = model.forward(batch.get(0), pass);
            batch.put(BatchTensors.OUTPUT, output);
            return Loss.mse().of(output, batch.get(0));
        };
        Trainer trainer = Trainer.of(model, new Adam(1e-2), reconstruction).build();
        List<EpochResult> results = trainer.fit(DataLoader.of(new Pairs(64), 16).build(), 20);
        assertThat(results.get(19).loss()).isLessThan(results.get(0).loss() / 2);
        model.close();
    }

    @Test
    void oneFieldIsEnough() {
        Model model = Model.create(session, new Linear(2, 2), 1);
        Objective reconstruction = (batch, pass) -> {
            Tensor output = model.forward(batch.get(0), pass);
            batch.put(BatchTensors.OUTPUT, output);
            batch.put(BatchTensors.TARGET, batch.get(0));
            return Loss.mse().of(output, batch.get(0));
        };
        Dataset data = ArrayDataset.builder()
                .field("x", new float[][] {{1, 2}, {3, 4}, {5, 6}})
                .build();
        Trainer trainer = Trainer.of(model, new Adam(1e-2), reconstruction)
                .metrics(new MeanAbsoluteError())
                .build();
        List<EpochResult> results = trainer.fit(DataLoader.of(data, 2).build(), 2);
        assertThat(results.get(1).value("mae")).isPositive();
        model.close();
    }

    /** A metric of a user does not become part of what the gradients are computed from. */
    @Test
    void metricsAreNotRecorded() {
        Model model = Model.create(session, new Linear(2, 2), 1);
        List<Boolean> recorded = new ArrayList<>();
        Metric own = new Metric() {
            @Override
            public String name() {
                return "own";
            }

            @Override
            public void update(BatchTensors batch, List<Tensor> sums) {
                Tensor mean = batch.get(BatchTensors.OUTPUT).mean();
                recorded.add(mean.isRecorded());
                Metric.add(sums.get(0), mean);
            }

            @Override
            public double value(double[][] sums, long samples) {
                return sums[0][0];
            }
        };
        Objective reconstruction = (batch, pass) -> {
            Tensor output = model.forward(batch.get(0), pass);
            batch.put(BatchTensors.OUTPUT, output);
            return Loss.mse().of(output, batch.get(0));
        };
        Dataset data = ArrayDataset.builder()
                .field("x", new float[][] {{1, 2}, {3, 4}})
                .build();
        Trainer.of(model, new Adam(1e-2), reconstruction)
                .metrics(own)
                .build()
                .fit(DataLoader.of(data, 2).build(), 1);
        assertThat(recorded).endsWith(false); // the first is of the rehearsal
        model.close();
    }

    /** Means over batches of different sizes are those over all samples. */
    @Test
    void theLossIsTheMeanOverAllSamples() {
        TwoHeads net = new TwoHeads();
        Model model = Model.create(session, net, 1);
        Trainer trainer = Trainer.of(model, new Adam(1e-2), of(net)).build();
        double whole =
                trainer.evaluate(DataLoader.of(new Pairs(40), 40).build()).loss();
        double parts = trainer.evaluate(DataLoader.of(new Pairs(40), 7).build()).loss();
        assertThat(parts).isCloseTo(whole, within(1e-6));
        model.close();
    }

    @Test
    void aWeightOfTheObjectiveCountsInMeans() {
        Model model = Model.create(session, new Linear(3, 1), 1);
        Objective weighted = (batch, pass) -> {
            double terms = batch.size() == 4 ? 10 : 30;
            batch.put(BatchTensors.WEIGHT, session.scalar(terms));
            return model.forward(batch.get(0), pass).mean().mul(0).add(batch.size());
        };
        Trainer trainer = Trainer.of(model, new Adam(1e-2), weighted).build();
        DataLoader data = DataLoader.of(new Pairs(6), 4).build();
        assertThat(trainer.evaluate(data).loss()).isEqualTo((4 * 10 + 2 * 30) / 40.0);
        assertThat(trainer.fit(data, 1).get(0).loss()).isEqualTo((4 * 10 + 2 * 30) / 40.0);
        model.close();
    }

    @Test
    void whatCannotBeTrainedIsRefusedBeforeTheFirstStep() {
        Layer net = new Sequential(new Linear(3, 4), new BatchNorm(4), new Linear(4, 2));
        Model model = Model.create(session, net, 1);
        DataLoader data = DataLoader.of(new Pairs(16), 8).build();
        refused(model, data, "has no gradient", (batch, pass) -> batch.get(0).mean());
        refused(model, data, "returned null", (batch, pass) -> null);
        refused(model, data, "mean() or sum()", (batch, pass) -> model.forward(batch.get(0), pass));
        refused(model, data, "no tensor 'image'", (batch, pass) -> model.forward(batch.get("image"), pass));
        refused(model, data, "no field 7", (batch, pass) -> model.forward(batch.get(7), pass));
        refused(model, data, "have a field 'left'", (batch, pass) -> {
            batch.put("left", model.forward(batch.get(0), pass));
            return batch.get("left").mean();
        });
        // The metric reads an output that was not put.
        refused(
                model,
                data,
                "batch.put(\"output\"",
                (batch, pass) -> model.forward(batch.get(0), pass).mean());
        model.close();
    }

    private void refused(Model model, DataLoader data, String words, Objective objective) {
        double[] before = model.values().toDoubles();
        double[] statistics = model.parameters().get("1.running_mean").value().toDoubles();
        long used = session.memory().used();
        try (Trainer trainer = Trainer.of(model, new Adam(1e-2), objective)
                .metrics(new Accuracy())
                .build()) {
            assertThatThrownBy(() -> trainer.fit(data, 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(words);
            assertThat(trainer.step()).isZero();
        }
        assertThat(model.values().toDoubles()).isEqualTo(before);
        assertThat(model.parameters().get("1.running_mean").value().toDoubles()).isEqualTo(statistics);
        assertThat(session.memory().used()).isEqualTo(used);
    }

    @Test
    void aCallbackThatMonitorsWhatIsNotMeasuredIsRefusedFirst() {
        TwoHeads net = new TwoHeads();
        Model model = Model.create(session, net, 1);
        DataLoader data = DataLoader.of(new Pairs(16), 8).build();
        for (String name : List.of("val_loss", "accuracy", "val_auc")) {
            try (Trainer trainer = Trainer.of(model, new Adam(1e-2), of(net))
                    .callback(new EarlyStopping(Monitor.max(name), 2))
                    .build()) {
                assertThatThrownBy(() -> trainer.fit(data, 1))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll("EarlyStopping monitors '" + name + "'", "[loss]");
            }
        }
        model.close();
    }

    @Test
    void earlyStoppingMonitorsWhatItIsTold() {
        TwoHeads net = new TwoHeads();
        Model model = Model.create(session, net, 1);
        EarlyStopping stopping = new EarlyStopping(Monitor.max("val_loss"), 2);
        Trainer trainer =
                Trainer.of(model, new Adam(1e-2), of(net)).callback(stopping).build();
        DataLoader data = DataLoader.of(new Pairs(64), 16).build();
        // The loss falls, so its largest value is the first.
        assertThat(trainer.fit(data, data, 50)).hasSize(3);
        assertThat(trainer.stopReason()).contains("val_loss has not improved on");
        EarlyStopping other = new EarlyStopping(Monitor.min("val_loss"), 2);
        Map<String, String> state = stopping.state();
        assertThatThrownBy(() -> other.restore(state)).hasMessageContaining("another monitor than min val_loss");
        model.close();
    }

    /** A discriminator and a generator of one number, each with a trainer of its own. */
    @Test
    void twoTrainersOverTwoModelsTrainAGan() {
        Model generator = Model.create(session, new Linear(3, 3), 1);
        Model discriminator = Model.create(
                session, new Sequential(new Linear(3, 8).activation(Activation.RELU), new Linear(8, 1)), 2);
        Objective real = (batch, pass) -> {
            Tensor noise = session.normal(pass.nextRandom(), batch.get(0).shape());
            Tensor fake = generator.forward(noise, Pass.evaluation());
            Tensor difference = discriminator.forward(batch.get(0), pass).sub(discriminator.forward(fake, pass));
            return difference.sub(session.scalar(1)).square().mean();
        };
        Objective fooling = (batch, pass) -> {
            Tensor noise = session.normal(pass.nextRandom(), batch.get(0).shape());
            return discriminator
                    .forward(generator.forward(noise, pass), pass)
                    .sub(session.scalar(1))
                    .square()
                    .mean();
        };
        Trainer critic = Trainer.of(discriminator, new Adam(1e-2), real).seed(1).build();
        Trainer forger = Trainer.of(generator, new Adam(1e-2), fooling).seed(2).build();
        DataLoader data = DataLoader.of(new Pairs(32), 16).build();
        double[] before = generator.values().toDoubles();
        for (int epoch = 0; epoch < 3; epoch++) {
            try (var batches = data.epoch(epoch)) {
                for (var batch = batches.next(); batch != null; batch = batches.next()) {
                    double[] judged = discriminator.values().toDoubles();
                    forger.step(batch);
                    assertThat(discriminator.values().toDoubles()).isEqualTo(judged);
                    double[] forged = generator.values().toDoubles();
                    critic.step(batch);
                    assertThat(generator.values().toDoubles()).isEqualTo(forged);
                    assertThat(discriminator.values().toDoubles()).isNotEqualTo(judged);
                }
            }
        }
        assertThat(generator.values().toDoubles()).isNotEqualTo(before);
        assertThat(critic.metrics().loss()).isFinite();
        generator.close();
        discriminator.close();
    }
}
