package org.alborz.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.alborz.nn.Activations;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.nn.TrainingStep;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups of parameters with a learning rate and a weight decay of their own. */
class ParameterGroupTest {
    private static final double RATE = 0.05;
    private static final double DECAY = 0.1;

    private Session session;

    @AfterEach
    void close() {
        if (session != null) {
            session.close();
        }
    }

    private void open(String backend) {
        session = Session.open(backend);
    }

    private static Sequential net() {
        return new Sequential(
                new Linear(3, 5), new BatchNorm(5), Activations.tanh(), new Linear(5, 4), new Linear(4, 2));
    }

    /** Makes an optimizer of a learning rate, a weight decay and groups. */
    private interface Maker {
        Optimizer make(double rate, double decay, ParameterGroup... groups);
    }

    static Stream<Maker> optimizers() {
        return Stream.of(
                (rate, decay, groups) -> new Sgd(rate).weightDecay(decay).groups(groups),
                (rate, decay, groups) -> new Sgd(rate)
                        .momentum(0.9)
                        .nesterov()
                        .weightDecay(decay)
                        .groups(groups),
                (rate, decay, groups) ->
                        new Adam(rate).betas(0.9, 0.99).weightDecay(decay).groups(groups),
                (rate, decay, groups) ->
                        new AdamW(rate).betas(0.9, 0.99).weightDecay(decay).groups(groups),
                (rate, decay, groups) ->
                        new Adam(rate).amsgrad().weightDecay(decay).groups(groups),
                (rate, decay, groups) ->
                        new Adagrad(rate).initialSum(0.1).weightDecay(decay).groups(groups),
                (rate, decay, groups) -> new Adadelta(rate).weightDecay(decay).groups(groups),
                (rate, decay, groups) ->
                        new RmsProp(rate).centered().weightDecay(decay).groups(groups),
                (rate, decay, groups) ->
                        new Adamax(rate).weightDecay(decay).decoupled().groups(groups),
                (rate, decay, groups) -> new NAdam(rate).weightDecay(decay).groups(groups),
                (rate, decay, groups) ->
                        new RAdam(rate).weightDecay(decay).decoupled().groups(groups),
                (rate, decay, groups) -> new Lion(rate).weightDecay(decay).groups(groups));
    }

    private Model trained(Function<Model, Optimizer> optimizer) {
        Model model = Model.create(session, net(), 3);
        Optimizer used = optimizer.apply(model);
        used.attach(model);
        Tensor x = session.normal(new RandomKey(1, 0, 0), Shape.of(6, 3));
        // One step, after which what a parameter became depends on nothing but its own group.
        try (TrainingStep step = model.step(1, 1)) {
            step.backward(step.forward(x).square().mean());
            used.step(step);
        }
        return model;
    }

    private static boolean isHead(String name) {
        return name.startsWith("4.");
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void eachParameterIsUpdatedAsItsGroupSays(Maker maker) {
        for (String backend : new String[] {"cpu-scalar", "cpu-vector"}) {
            open(backend);
            ParameterGroup head =
                    ParameterGroup.named(ParameterGroupTest::isHead).rateFactor(0.5);
            ParameterGroup vectors = ParameterGroup.vectors().weightDecay(0);
            try (Model grouped = trained(model -> maker.make(RATE, DECAY, head, vectors));
                    Model plain = trained(model -> maker.make(RATE, DECAY));
                    Model slower = trained(model -> maker.make(0.5 * RATE, DECAY));
                    Model free = trained(model -> maker.make(RATE, 0))) {
                grouped.parameters().forEach((name, parameter) -> {
                    Model expected = isHead(name) ? slower : parameter.shape().rank() == 1 ? free : plain;
                    assertThat(parameter.value().toFloats())
                            .as(name)
                            .isEqualTo(expected.parameter(name).value().toFloats());
                });
                assertThat(grouped.parameter("0.bias").value().toFloats())
                        .isNotEqualTo(slower.parameter("0.bias").value().toFloats());
                assertThat(grouped.parameter("1.weight").value().toFloats())
                        .isNotEqualTo(plain.parameter("1.weight").value().toFloats());
            }
            close();
            session = null;
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void groupsThatChangeNothingGiveTheSameBits(Maker maker) {
        open("cpu-vector");
        try (Model grouped = trained(model -> maker.make(RATE, DECAY, ParameterGroup.vectors()));
                Model plain = trained(model -> maker.make(RATE, DECAY))) {
            assertThat(grouped.values().toFloats()).isEqualTo(plain.values().toFloats());
        }
    }

    @Test
    void neighboursThatLearnAlikeAreOneSpan() {
        open("cpu-scalar");
        try (Model model = Model.create(session, net(), 1)) {
            Attachment attachment = new Attachment(
                    "Sgd",
                    DECAY,
                    List.of(ParameterGroup.named(ParameterGroupTest::isHead).weightDecay(0)));
            attachment.attach(model, "velocity");
            assertThat(attachment.spans()).hasSize(2);
            model.freeze(name -> name.startsWith("1.") || name.startsWith("3."));
            assertThat(attachment.spans()).hasSize(2);
            model.freeze(name -> name.startsWith("0.") || name.startsWith("4."));
            assertThat(attachment.spans()).isEmpty();
            model.unfreeze(name -> true);
            long before = session.memory().used();
            Attachment whole = new Attachment("Sgd", DECAY, List.of());
            whole.attach(model, "velocity");
            assertThat(whole.spans()).hasSize(1);
            assertThat(whole.spans().get(0).values()).isSameAs(model.values());
            whole.detach();
            attachment.detach();
            assertThat(session.memory().used()).isLessThan(before);
        }
    }

    @Test
    void theSettingsSayWhatEachGroupTakes() {
        open("cpu-scalar");
        try (Model model = Model.create(session, net(), 1)) {
            Optimizer optimizer = new AdamW(RATE)
                    .groups(
                            ParameterGroup.named(ParameterGroupTest::isHead).rateFactor(0.1),
                            ParameterGroup.vectors().weightDecay(0));
            assertThat(new AdamW(RATE).settings()).doesNotContain("group");
            optimizer.attach(model);
            assertThat(optimizer.settings())
                    .endsWith("weight_decay=0.01"
                            + " group(rate_factor=0.1 weight_decay=0.01: 4.weight 4.bias)"
                            + " group(rate_factor=1.0 weight_decay=0.0: 0.bias 1.weight 1.bias 3.bias)");
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
    void numbersThatNoStepCouldUseAreRefused(double wrong) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParameterGroup.vectors().rateFactor(wrong))
                .withMessageContainingAll("rate factor", "got " + wrong);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParameterGroup.vectors().weightDecay(wrong))
                .withMessageContainingAll("weight decay", "got " + wrong);
    }

    @Test
    void aGroupThatTakesNothingIsRefused() {
        open("cpu-scalar");
        try (Model model = Model.create(session, net(), 1)) {
            long before = session.memory().used();
            Optimizer optimizer = new Sgd(RATE)
                    .momentum(0.9)
                    .groups(ParameterGroup.named(name -> name.startsWith("backbone."))
                            .rateFactor(0.1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> optimizer.attach(model))
                    .withMessageContainingAll("Sgd", "rate factor 0.1", "0.weight", "correct its predicate");
            assertThat(optimizer.model()).isNull();
            assertThat(session.memory().used()).isEqualTo(before);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Sgd(RATE)
                            .groups(ParameterGroup.vectors().weightDecay(1e39))
                            .attach(model))
                    .withMessageContaining("weight decay");
        }
    }
}
