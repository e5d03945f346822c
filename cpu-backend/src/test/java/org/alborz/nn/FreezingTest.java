package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alborz.autograd.Tape;
import org.alborz.optim.Adam;
import org.alborz.optim.AdamW;
import org.alborz.optim.Optimizer;
import org.alborz.optim.Sgd;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frozen parameters: no gradient is computed of them, nothing changes them, and a frozen batch norm keeps its statistics. */
class FreezingTest {
    private final Session session = Session.open("cpu-vector");

    @AfterEach
    void close() {
        session.close();
    }

    /** A backbone, 0 to 2, and a head, 3. */
    private static Sequential net() {
        return new Sequential(
                new Conv2d(2, 4, 3).padding(1),
                new BatchNorm(4),
                Activations.relu(),
                new Sequential(new Flatten(), new Linear(4 * 16, 3)));
    }

    private static boolean isBackbone(String name) {
        return name.startsWith("0.") || name.startsWith("1.");
    }

    private Tensor images() {
        return session.normal(new RandomKey(1, 0, 0), Shape.of(4, 2, 4, 4)).add(3);
    }

    private Tensor labels() {
        return session.tensor(new int[] {0, 1, 2, 1}, Shape.of(4));
    }

    private void train(Model model, Optimizer optimizer, int from, int to) {
        for (int number = from; number <= to; number++) {
            try (TrainingStep step = model.step(1, number)) {
                step.backward(Loss.crossEntropy().of(step.forward(images()), labels()));
                optimizer.step(step);
            }
        }
    }

    private static Map<String, float[]> values(Model model) {
        Map<String, float[]> values = new LinkedHashMap<>();
        model.parameters()
                .forEach((name, parameter) -> values.put(name, parameter.value().toFloats()));
        return values;
    }

    static Stream<Optimizer> optimizers() {
        return Stream.of(
                new Sgd(0.1),
                new Sgd(0.1).momentum(0.9).nesterov().weightDecay(0.1),
                new Adam(0.1).weightDecay(0.1),
                new AdamW(0.1).weightDecay(0.1));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void nothingChangesWhatIsFrozen(Optimizer optimizer) {
        try (Model model = Model.create(session, net(), 1)) {
            train(model, optimizer, 1, 3); // so that there are moments that would go on moving it
            model.freeze(FreezingTest::isBackbone);
            Map<String, float[]> before = values(model);
            train(model, optimizer, 4, 6);
            values(model).forEach((name, now) -> {
                assertThat(model.isFrozen(name)).isEqualTo(isBackbone(name));
                if (isBackbone(name)) {
                    assertThat(now).as(name).isEqualTo(before.get(name));
                } else {
                    assertThat(now).as(name).isNotEqualTo(before.get(name));
                }
            });
            assertThat(model.gradientViews().get(0).toFloats()).containsOnly(0);
            model.unfreeze(name -> true);
            train(model, optimizer, 7, 7);
            values(model).forEach((name, now) -> assertThat(now).as(name).isNotEqualTo(before.get(name)));
        }
    }

    @Test
    void noGradientOfAFrozenParameterIsComputed() {
        try (Model model = Model.create(session, net(), 1);
                Tape tape = new Tape(session)) {
            model.freeze(FreezingTest::isBackbone);
            Pass pass = Pass.training(tape, 1, 1);
            model.forward(images(), pass);
            for (Parameter parameter : model.trainable()) {
                assertThat(pass.used(parameter) == null).isEqualTo(parameter.isFrozen());
            }
            assertThat(tape.operations()).as("only the head is recorded").hasSizeLessThanOrEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"all", "learned", "statistics"})
    void aFrozenBatchNormTrainsWithItsRunningStatistics(String what) {
        try (Model model = Model.create(session, net(), 1)) {
            train(model, new Sgd(0.1), 1, 3);
            model.freeze(name -> name.startsWith("1.")
                    && (what.equals("all") || name.contains("running") == what.equals("statistics")));
            Map<String, float[]> before = values(model);
            float[] evaluated = model.forward(images(), Pass.evaluation()).toFloats();
            try (TrainingStep step = model.step(1, 4)) {
                Tensor output = step.forward(images());
                assertThat(output.toFloats())
                        .usingComparatorWithPrecision(1e-4f)
                        .containsExactly(evaluated);
                step.backward(Loss.crossEntropy().of(output, labels()));
                new Sgd(0.1).step(step);
            }
            assertThat(model.parameter("1.running_mean").value().toFloats()).isEqualTo(before.get("1.running_mean"));
            assertThat(model.parameter("1.running_var").value().toFloats()).isEqualTo(before.get("1.running_var"));
            boolean learns = what.equals("statistics");
            if (learns) {
                assertThat(model.parameter("1.weight").value().toFloats()).isNotEqualTo(before.get("1.weight"));
            } else {
                assertThat(model.parameter("1.weight").value().toFloats()).isEqualTo(before.get("1.weight"));
            }
            assertThat(model.parameter("0.weight").value().toFloats()).isNotEqualTo(before.get("0.weight"));
        }
    }

    @Test
    void otherParametersLearnAsIfTheFrozenOnesWereConstants() {
        try (Model whole = Model.create(session, new Sequential(new Linear(3, 4), new Linear(4, 2)), 1);
                Model head = Model.create(session, new Linear(4, 2), 2)) {
            whole.freeze(name -> name.startsWith("0."));
            Tensor x = session.normal(new RandomKey(2, 0, 0), Shape.of(5, 3));
            Tensor features = x.matmul(whole.parameter("0.weight").value().transpose(0, 1))
                    .add(whole.parameter("0.bias").value());
            head.parameter("weight").value().assign(whole.parameter("1.weight").value());
            Adam first = new Adam(0.1);
            Adam second = new Adam(0.1);
            for (int number = 1; number <= 3; number++) {
                try (TrainingStep step = whole.step(1, number)) {
                    step.backward(step.forward(x).square().mean());
                    first.step(step);
                }
                try (TrainingStep step = head.step(1, number)) {
                    step.backward(step.forward(features).square().mean());
                    second.step(step);
                }
            }
            assertThat(whole.parameter("1.weight").value().toFloats())
                    .usingComparatorWithPrecision(1e-5f)
                    .containsExactly(head.parameter("weight").value().toFloats());
        }
    }

    /** Its gradient would stay, and count in every norm from then on. */
    @Test
    void whatIsFrozenBetweenForwardAndBackwardHasNoGradient() {
        try (Model model = Model.create(session, net(), 1)) {
            Adam adam = new Adam(0.1);
            train(model, adam, 1, 2);
            Map<String, float[]> before = values(model);
            try (TrainingStep step = model.step(1, 3)) {
                Tensor loss = Loss.crossEntropy().of(step.forward(images()), labels());
                model.freeze(name -> name.equals("0.weight"));
                step.backward(loss);
                assertThat(model.gradientViews().get(0).toFloats()).containsOnly(0);
                adam.step(step);
            }
            assertThat(values(model).get("0.weight")).isEqualTo(before.get("0.weight"));
            try (TrainingStep step = model.step(1, 4)) {
                Tensor loss = Loss.crossEntropy().of(step.forward(images()), labels());
                model.unfreeze(name -> name.equals("0.weight"));
                step.backward(loss); // which the pass took for a constant
                assertThat(model.gradientViews().get(0).toFloats()).containsOnly(0);
                adam.step(step);
            }
            train(model, adam, 5, 5);
            assertThat(values(model).get("0.weight")).isNotEqualTo(before.get("0.weight"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"BFLOAT16", "FLOAT16"})
    void aFrozenBatchNormStaysInMixedPrecision(String type) {
        try (Model model = Model.create(session, net(), Precision.mixed(DType.valueOf(type)), 1)) {
            Adam adam = new Adam(0.01);
            train(model, adam, 1, 3);
            model.freeze(name -> name.startsWith("1."));
            Map<String, float[]> before = values(model);
            train(model, adam, 4, 6);
            values(model).forEach((name, now) -> {
                assertThat(now).as(name).doesNotContain(Float.NaN);
                if (name.startsWith("1.")) {
                    assertThat(now).as(name).isEqualTo(before.get(name));
                } else {
                    assertThat(now).as(name).isNotEqualTo(before.get(name));
                }
            });
            model.unfreeze(name -> true);
            train(model, adam, 7, 7);
            assertThat(values(model).get("1.running_mean")).isNotEqualTo(before.get("1.running_mean"));
        }
    }

    @Test
    void whatIsClosedWithAModelIsClosedThoughOneFails() {
        Model model = Model.create(session, net(), 1);
        List<String> closed = new ArrayList<>();
        model.closeWithModel(() -> closed.add("first"));
        model.closeWithModel(() -> {
            throw new IllegalStateException("fails");
        });
        model.closeWithModel(() -> closed.add("last"));
        assertThatIllegalStateException().isThrownBy(model::close).withMessage("fails");
        assertThat(closed).containsExactly("last", "first");
        assertThat(model.values().isClosed()).isTrue();
    }

    @Test
    void aModelWithNothingLeftToLearnSaysSo() {
        try (Model model = Model.create(session, net(), 1)) {
            model.freeze(name -> true);
            try (TrainingStep step = model.step(1, 1)) {
                Tensor loss = Loss.crossEntropy().of(step.forward(images()), labels());
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> step.backward(loss))
                        .withMessageContaining("freeze not all");
            }
        }
    }

    @Test
    void namesThatThereAreNotAreRefused() {
        try (Model model = Model.create(session, new Linear(2, 2), 1)) {
            for (Runnable wrong : List.<Runnable>of(
                    () -> model.freeze(name -> name.startsWith("backbone.")),
                    () -> model.unfreeze(name -> name.isEmpty()),
                    () -> model.isFrozen("wieght"))) {
                assertThatIllegalArgumentException().isThrownBy(wrong::run).withMessageContainingAll("weight", "bias");
            }
        }
    }
}
