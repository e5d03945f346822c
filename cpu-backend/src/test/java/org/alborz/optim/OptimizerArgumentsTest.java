package org.alborz.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.backend.BackendOptions;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Optimizers refuse numbers that would invalidate the weights, and change nothing then. */
class OptimizerArgumentsTest {
    private static final double NAN = Double.NaN;
    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(call)
                .satisfies(e -> assertThat(e).hasMessageContainingAll(parts));
    }

    @Test
    void settings() {
        for (double wrong : new double[] {-0.1, NAN, INFINITY, -INFINITY}) {
            refused(() -> new Sgd(wrong), "Sgd", "learning rate", "got " + wrong);
            refused(() -> new Adam(wrong), "Adam", "learning rate", "got " + wrong);
            refused(() -> new AdamW(wrong), "AdamW", "learning rate", "got " + wrong);
            refused(() -> new Sgd(0.1).momentum(0.9).weightDecay(wrong), "weight decay", "got " + wrong);
            refused(() -> new Adam(0.1).betas(0.9, 0.9).weightDecay(wrong), "weight decay", "got " + wrong);
            refused(() -> new AdamW(0.1).betas(0.9, 0.9).weightDecay(wrong), "weight decay", "got " + wrong);
            refused(() -> new Adam(0.1).betas(0.9, 0.9).epsilon(wrong), "epsilon", "got " + wrong);
            refused(() -> new AdamW(0.1).betas(0.9, 0.9).epsilon(wrong).weightDecay(0), "epsilon", "got " + wrong);
            refused(() -> new Adam(0.1).betas(wrong, 0.9), "beta1", "got " + wrong);
            refused(() -> new Adam(0.1).betas(0.9, wrong), "beta2", "got " + wrong);
            refused(() -> new Sgd(0.1).momentum(wrong), "momentum", "got " + wrong);
        }
        refused(() -> new Adam(0.1).betas(0.9, 0.9).epsilon(0), "epsilon", "got 0.0");
        refused(() -> new Adam(0.1).betas(1, 0.9), "beta1", "got 1.0");
        for (double wrong : new double[] {-0.1, 1, NAN}) {
            refused(() -> new Adamax(0.1).betas(0.9, wrong), "Adamax", "beta2", "got " + wrong);
            refused(() -> new NAdam(0.1).betas(wrong, 0.9), "NAdam", "beta1", "got " + wrong);
            refused(() -> new RAdam(0.1).betas(wrong, 0.9), "RAdam", "beta1", "got " + wrong);
            refused(() -> new Lion(0.1).betas(0.9, wrong), "Lion", "beta2", "got " + wrong);
            refused(() -> new Lamb(0.1).betas(0.9, wrong), "Lamb", "beta2", "got " + wrong);
            refused(() -> new RmsProp(0.1).alpha(wrong), "RmsProp", "alpha", "got " + wrong);
            refused(() -> new RmsProp(0.1).momentum(wrong), "RmsProp", "momentum", "got " + wrong);
            refused(() -> new Adadelta(0.1).rho(wrong), "Adadelta", "rho", "got " + wrong);
            refused(() -> new Muon(0.1).momentum(wrong), "Muon", "momentum", "got " + wrong);
            refused(() -> new Adafactor(0.1).momentum(wrong), "Adafactor", "momentum", "got " + wrong);
        }
        for (double wrong : new double[] {-0.1, NAN, INFINITY}) {
            refused(() -> new Adagrad(0.1).rateDecay(wrong), "Adagrad", "rate decay", "got " + wrong);
            refused(() -> new Adagrad(0.1).initialSum(wrong), "Adagrad", "initial sum", "got " + wrong);
            refused(() -> new NAdam(0.1).momentumDecay(wrong), "NAdam", "momentum decay", "got " + wrong);
            refused(() -> new Lion(0.1).weightDecay(wrong), "Lion", "weight decay", "got " + wrong);
            refused(() -> new Adadelta(wrong), "Adadelta", "learning rate", "got " + wrong);
            refused(() -> new Adamax(0.1).epsilon(wrong), "Adamax", "epsilon", "got " + wrong);
            refused(() -> new Adafactor(0.1).epsilons(wrong, 0), "Adafactor", "epsilon", "got " + wrong);
        }
        refused(() -> new RmsProp(0.1).epsilon(0), "RmsProp", "epsilon", "got 0.0");
        refused(() -> new Sgd(0.1).momentum(1), "momentum", "got 1.0");
        refused(() -> new Sgd(0.1).nesterov(), "nesterov", "momentum(0.9) first");
        refused(() -> new Sgd(0.1).momentum(0.9).nesterov().momentum(0), "nesterov");
    }

    @Test
    void settingsOfSgdInAnyOrder() {
        String all = "momentum=0.9 weight_decay=5.0E-4 nesterov=true";
        assertThat(new Sgd(0.1).momentum(0.9).nesterov().weightDecay(5e-4).settings())
                .startsWith(all);
        assertThat(new Sgd(0.1).weightDecay(5e-4).momentum(0.9).nesterov().settings())
                .startsWith(all);
        assertThat(new Sgd(0.1).settings()).startsWith("momentum=0.0 weight_decay=0.0 nesterov=false");
    }

    @Test
    void settingsThatFloat32DoesNotHave() {
        Map<Optimizer, String> wrong = new LinkedHashMap<>();
        for (double vanishes : new double[] {1e-46, 1e-50, Double.MIN_VALUE}) {
            wrong.put(new Adam(0.1).epsilon(vanishes), "epsilon");
            wrong.put(new AdamW(0.1).epsilon(vanishes).weightDecay(0), "epsilon");
        }
        wrong.put(new Adam(0.1).epsilon(1e39), "epsilon");
        wrong.put(new Adam(0.1).weightDecay(1e39), "weight decay");
        wrong.put(new AdamW(0.1).weightDecay(1e300), "weight decay");
        wrong.put(new Sgd(0.1).weightDecay(1e39), "weight decay");
        try (Session session = Session.open("cpu-scalar");
                Session wide = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64)) {
            wrong.forEach((optimizer, name) -> {
                try (Model model = Model.create(session, new Linear(3, 2), 1);
                        Model doubles = Model.create(wide, new Linear(3, 2), 1)) {
                    refused(() -> optimizer.attach(model), name, "float32", "float64");
                    assertThat(optimizer.state()).isEmpty();
                    optimizer.attach(doubles);
                    doubles.gradients().fill(0);
                    optimizer.step(0, 1);
                    assertThat(doubles.isFinite()).isTrue();
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void steps(String backend) {
        List<Optimizer> optimizers = new ArrayList<>(List.of(
                new RmsProp(0.1).centered().momentum(0.9), new LookaheadOptimizer(new Adam(0.1)), new Adafactor()));
        Optimizers.NAMES.forEach(name -> optimizers.add(Optimizers.byName(name, 0.1, 0.01)));
        try (Session session = Session.open(backend)) {
            for (Optimizer optimizer : optimizers) {
                try (Model model = Model.create(session, new Linear(3, 2), 1)) {
                    optimizer.attach(model);
                    model.gradients().fill(1);
                    double[] before = model.values().toDoubles();
                    for (long step : new long[] {0, -1, Long.MIN_VALUE}) {
                        refused(() -> optimizer.step(0.1, step), "step of at least 1", "got " + step);
                    }
                    for (double rate : new double[] {-0.1, NAN, INFINITY}) {
                        refused(() -> optimizer.step(rate, 1), "learning rate", "got " + rate);
                    }
                    assertThat(model.values().toDoubles()).isEqualTo(before);
                    optimizer.step(0.1, Long.MAX_VALUE);
                    assertThat(model.isFinite()).isTrue();
                }
            }
        }
    }

    @Test
    void schedulesOfUsers() {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new Sequential(new Flatten(), new Linear(3072, 10)), 1)) {
            double[] factor = {NAN};
            Schedule schedule = new Schedule() {
                @Override
                public double factor(long step) {
                    return factor[0];
                }

                @Override
                public String settings() {
                    return "mine";
                }
            };
            Trainer trainer = Trainer.classifier(model, new Adam(0.1), Loss.crossEntropy())
                    .schedule(schedule)
                    .build();
            DataLoader loader = DataLoader.of(GeneratedImages.train(1, 4), 4).build();
            double[] before = model.values().toDoubles();
            for (double wrong : new double[] {NAN, -1, INFINITY}) {
                factor[0] = wrong;
                try (BatchIterator batches = loader.epoch(0)) {
                    Batch batch = batches.next();
                    assertThatIllegalStateException()
                            .isThrownBy(() -> trainer.step(batch))
                            .withMessageContaining("got " + wrong)
                            .withMessageContaining("step 1")
                            .withMessageContaining("mine");
                }
            }
            assertThat(model.values().toDoubles()).isEqualTo(before);
            assertThat(trainer.step()).isZero();
        }
    }
}
