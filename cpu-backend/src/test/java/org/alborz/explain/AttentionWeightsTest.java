package org.alborz.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.MultiHeadAttention;
import org.alborz.nn.Pass;
import org.alborz.nn.Sequential;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionWeightsTest {
    /**
     * PyTorch 1.13.0: MultiheadAttention(4, 2) with in_proj_weight arange(48) / 48 - 0.5 as [12, 4], out_proj the identity, without biases, and x = sin(arange(12)) as [1, 3, 4];
     * need_weights=True, average_attn_weights=False.
     */
    private static final double[] GOLDEN = {
        0.39468423, 0.26161137, 0.34370443,
        0.28679356, 0.39414164, 0.31906477,
        0.33394629, 0.33247253, 0.33358115,
        0.30489385, 0.34225017, 0.35285595,
        0.35788029, 0.32497585, 0.31714383,
        0.33085048, 0.33434492, 0.33480465,
    };

    private static void set(Model model, String name, float[] values) {
        Tensor parameter = model.parameter(name).value();
        try (Tensor numbers = parameter.session().tensor(values, parameter.shape())) {
            parameter.assign(numbers);
        }
    }

    @Test
    void weightsAreThoseOfPyTorch() {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new MultiHeadAttention(4, 2).bias(false), 1);
                Scope scope = session.scope("test")) {
            float[] projection = new float[48];
            for (int i = 0; i < projection.length; i++) {
                projection[i] = i / 48f - 0.5f;
            }
            set(model, "in_proj_weight", projection);
            float[] x = new float[12];
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) Math.sin(i);
            }
            Map<String, Tensor> weights = AttentionWeights.of(model, session.tensor(x, Shape.of(1, 3, 4)));
            assertThat(weights).containsOnlyKeys("");
            assertThat(weights.get("").shape()).isEqualTo(Shape.of(1, 2, 3, 3));
            assertThat(weights.get("").toDoubles()).containsExactly(GOLDEN, within(1e-6));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu-scalar", "cpu-vector"})
    void everyLayerIsNamedAndCausalWeightsLookBack(String backend) {
        Sequential net = new Sequential(
                new MultiHeadAttention(8, 4).keyValueHeads(2).causal(true),
                new Linear(8, 8),
                new MultiHeadAttention(8, 2).dropout(0.5));
        try (Session session = Session.open(backend);
                Model model = Model.create(session, net, 1);
                Scope scope = session.scope("test")) {
            Tensor x = session.normal(Shape.of(2, 5, 8), 3);
            float[] output = model.predict(x).toFloats();
            Map<String, Tensor> weights = AttentionWeights.of(model, x);
            assertThat(weights).containsOnlyKeys("0", "2");
            assertThat(weights.get("0").shape()).isEqualTo(Shape.of(2, 4, 5, 5));
            assertThat(weights.get("2").shape()).isEqualTo(Shape.of(2, 2, 5, 5));
            for (Tensor each : weights.values()) {
                for (double sum : each.sum(false, -1).toDoubles()) {
                    assertThat(sum).isCloseTo(1, within(1e-5));
                }
                assertThat(each.min().item()).isNotNegative();
            }
            double[] causal = weights.get("0").toDoubles();
            for (int i = 0; i < causal.length; i++) {
                assertThat(causal[i] == 0).as("place " + i).isEqualTo(i % 5 > i / 5 % 5);
            }
            assertThat(model.predict(x).toFloats()).isEqualTo(output);
        }
    }

    @Test
    void aMaskOfPaddingIsSeenAndSeveralUsesAreToldApart() {
        MultiHeadAttention layer = new MultiHeadAttention(4, 1);
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, layer, 1);
                Scope scope = session.scope("test")) {
            Tensor x = session.normal(Shape.of(1, 2, 4), 1);
            Tensor memory = session.normal(Shape.of(1, 3, 4), 2);
            Tensor mask =
                    session.tensor(new float[] {1, 1, 0}, Shape.of(1, 1, 1, 3)).gt(0);
            Map<String, Tensor> weights = AttentionWeights.of(model, () -> {
                layer.attend(x, memory, mask, Pass.evaluation());
                layer.attend(x, x, null, Pass.evaluation());
            });
            assertThat(weights).hasSize(2);
            Tensor masked = weights.values().iterator().next();
            assertThat(masked.shape()).isEqualTo(Shape.of(1, 1, 2, 3));
            assertThat(masked.toDoubles()[2]).isZero();
            assertThat(masked.toDoubles()[5]).isZero();
            assertThat(weights.keySet().stream().skip(1)).allMatch(name -> name.endsWith("#2"));
        }
    }

    @Test
    void aNetWithoutAttentionIsRefused() {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new Linear(2, 2), 1)) {
            Tensor x = session.zeros(Shape.of(1, 2));
            assertThatThrownBy(() -> AttentionWeights.of(model, x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expects a model with attention");
        }
    }
}
