package org.alborz.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Embeddings, recurrent layers, attention and positions beyond what the golden values of the conformance suite hold. */
class SequenceLayersTest {
    private static final Offset<Double> CLOSE = within(1e-12);

    private Session session;

    @BeforeEach
    void open() {
        session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64);
    }

    @AfterEach
    void close() {
        session.close();
    }

    private Tensor random(int seed, int... sizes) {
        return session.normal(new RandomKey(seed, 0, 0), Shape.of(sizes));
    }

    @Test
    void anEmbeddingAddsUpTheGradientsOfARowAndLeavesThePaddingAlone() {
        Embedding table = new Embedding(4, 2).padding(1);
        try (Model model = Model.create(session, table, 1);
                Tape tape = new Tape(session)) {
            assertThat(table.weight().value().select(0, 1).toDoubles()).containsExactly(0, 0);
            assertThat(table.weight().value().select(0, 2).toDoubles()).doesNotContain(0);
            Pass pass = Pass.training(tape, 1, 1);
            Tensor rows = table.forward(session.tensor(new int[][] {{2, 1, 2}, {0, 1, 3}}), pass);
            assertThat(rows.shape()).isEqualTo(Shape.of(2, 3, 2));
            assertThat(rows.select(0, 0).select(0, 2).toDoubles())
                    .containsExactly(table.weight().value().select(0, 2).toDoubles());
            Tensor weight = pass.used(table.weight());
            assertThat(tape.gradients(rows.sum(), weight).of(weight).toDoubles())
                    .containsExactly(1, 1, 0, 0, 2, 2, 1, 1);
            assertThat(model.trainable()).hasSize(1);
        }
        assertThat(table).hasToString("Embedding(4, 2, padding 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.padding(4))
                .withMessage("Embedding.padding expects an index from 0 to 3, got 4");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Embedding(0, 2))
                .withMessageContaining("at least 1 row");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.forward(session.ones(Shape.of(2)), Pass.evaluation()))
                .withMessageContaining("indices of int32 or int64");
    }

    @Test
    void whatIsPaddedChangesNothing() {
        Gru gru = new Gru(3, 4).layers(2).bidirectional(true);
        try (Model model = Model.create(session, gru, 1)) {
            Tensor x = random(1, 2, 5, 3);
            Gru.Output padded = gru.run(x, null, session.tensor(new int[] {5, 2}), Pass.evaluation());
            Gru.Output alone = gru.run(x.narrow(0, 1, 1).narrow(1, 0, 2), null, null, Pass.evaluation());
            assertClose(padded.output().narrow(0, 1, 1).narrow(1, 0, 2), alone.output());
            assertThat(padded.output().narrow(0, 1, 1).narrow(1, 2, 3).toDoubles())
                    .containsOnly(0);
            assertClose(padded.state().narrow(1, 1, 1), alone.state());
            assertThat(model.parameters()).hasSize(16).containsKeys("weight_ih_l0", "bias_hh_l1_reverse");
        }
    }

    @Test
    void statesGoOnFromPartToPart() {
        Lstm lstm = new Lstm(3, 4).layers(2).projection(2);
        try (Model model = Model.create(session, lstm, 1)) {
            Tensor x = random(2, 2, 6, 3);
            Lstm.Output whole = lstm.run(x, null, null, Pass.evaluation());
            Lstm.Output first = lstm.run(x.narrow(1, 0, 4), null, null, Pass.evaluation());
            Lstm.Output second = lstm.run(x.narrow(1, 4, 2), first.state(), null, Pass.evaluation());
            assertClose(Tensor.concat(1, first.output(), second.output()), whole.output());
            assertClose(second.state().cell(), whole.state().cell());
            assertThat(model.trainable()).hasSize(10);
        }
        assertThat(lstm).hasToString("Lstm(3, 4, 2 layers, projection 2)");
    }

    @Test
    void recurrentLayersSayWhatTheyExpect() {
        Lstm lstm = new Lstm(3, 4);
        try (Model model = Model.create(session, lstm, 1)) {
            Pass pass = Pass.evaluation();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.forward(random(1, 2, 3), pass))
                    .withMessageContaining("Lstm expects input [N, T, 3]");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lstm.run(random(1, 2, 5, 3), null, session.tensor(new int[] {1}), pass))
                    .withMessageContaining("a length, int32 or int64, for each of the 2 sequences");
            Tensor state = random(2, 1, 2, 3);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> lstm.run(random(1, 2, 5, 3), new Lstm.State(state, state), null, pass))
                    .withMessageContaining("an initial state [1, 2, 4]");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Gru(3, 4).dropout(1))
                .withMessage("Gru expects a dropout rate in [0, 1), got 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lstm.projection(4))
                .withMessageContaining("fewer than the 4 hidden units");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Rnn(0, 1))
                .withMessageContaining("Rnn expects at least 1 feature in");
        assertThat(new Rnn(2, 3).relu(true).bias(false)).hasToString("Rnn(2, 3, no bias) with relu");
    }

    @Test
    void sharedHeadsOfKeysAttendAsRepeatedOnes() {
        Tensor q = random(3, 2, 6, 4, 3);
        Tensor k = random(4, 2, 2, 5, 3);
        Tensor v = random(5, 2, 2, 5, 3);
        Tensor grouped = Tensor.scaledDotProductAttention(q, k, v);
        for (int head = 0; head < 6; head++) {
            Tensor alone = Tensor.scaledDotProductAttention(
                    q.narrow(1, head, 1), k.narrow(1, head / 3, 1), v.narrow(1, head / 3, 1));
            assertClose(grouped.narrow(1, head, 1), alone);
        }
    }

    /** The products of queries and keys are beyond float16, and within it once they are scaled. */
    @Test
    void attentionOfFloat16ScalesBeforeItOverflows() {
        int size = 64;
        Tensor q = session.full(40, Shape.of(1, 1, 1, size)).to(DType.FLOAT16);
        Tensor far = session.full(-40, Shape.of(1, 1, 1, size)).to(DType.FLOAT16);
        Tensor k = Tensor.concat(2, q, far);
        Tensor v = session.tensor(new double[] {3, 5}, Shape.of(1, 1, 2, 1)).to(DType.FLOAT16);
        try (Tape tape = new Tape(session)) {
            Tensor watched = tape.watch(q);
            Tensor y = Tensor.scaledDotProductAttention(watched, k, v);
            assertThat(y.toDoubles()).containsExactly(3);
            assertThat(tape.gradients(y.sum(), watched).of(watched).toDoubles()).containsOnly(0);
        }
    }

    @Test
    void aCacheGivesWhatTheWholeSequenceGives() {
        MultiHeadAttention attention = new MultiHeadAttention(8, 4)
                .keyValueHeads(2)
                .causal(true)
                .bias(false)
                .positions(new RotaryPositions(2, 16));
        try (Model model = Model.create(session, attention, 1);
                KeyValueCache cache = new KeyValueCache(5)) {
            Tensor x = random(6, 2, 5, 8);
            Tensor whole = model.forward(x, Pass.evaluation());
            Tensor first = attention.attend(x.narrow(1, 0, 3), cache, Pass.evaluation());
            Tensor second = attention.attend(x.narrow(1, 3, 1), cache, Pass.evaluation());
            Tensor third = attention.attend(x.narrow(1, 4, 1), cache, Pass.evaluation());
            assertClose(Tensor.concat(1, first, second, third), whole);
            assertThat(cache.length()).isEqualTo(5);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> attention.attend(x.narrow(1, 0, 1), cache, Pass.evaluation()))
                    .withMessageContaining("holds 5 places, got 6");
            cache.clear();
            assertClose(attention.attend(x, cache, Pass.evaluation()), whole);
            cache.clear();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> attention.attend(x.narrow(0, 0, 1), cache, Pass.evaluation()))
                    .withMessageContaining("a cache of its own for each layer and each batch size");
            try (Tape tape = new Tape(session)) {
                assertThatIllegalStateException()
                        .isThrownBy(() -> attention.attend(x, cache, Pass.training(tape, 1, 1)))
                        .withMessageContaining("expects Pass.evaluation()");
            }
            assertThat(model.parameters().get("in_proj_weight").shape()).isEqualTo(Shape.of(16, 8));
        }
        assertThat(attention).hasToString("MultiHeadAttention(8, 4 heads, 2 of keys, no bias, causal)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MultiHeadAttention(8, 3))
                .withMessageContaining("a multiple of the heads, got 8 and 3 heads");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> attention.keyValueHeads(3))
                .withMessageContaining("a multiple of the key-value heads, got 4 and 3");
    }

    @Test
    void dropoutOfWeightsKeepsTheMean() {
        MultiHeadAttention attention = new MultiHeadAttention(4, 2).dropout(0.5);
        try (Model model = Model.create(session, attention, 1)) {
            Tensor x = random(7, 1, 6, 4);
            Tensor expected = model.forward(x, Pass.evaluation());
            Tensor sum = session.zeros(expected.shape());
            int runs = 400;
            for (int step = 1; step <= runs; step++) {
                try (Scope scope = session.scope("run");
                        Tape tape = new Tape(session)) {
                    sum.addInPlace(model.forward(x, Pass.training(tape, 1, step)));
                }
            }
            double[] means = sum.div(runs).toDoubles();
            double[] values = expected.toDoubles();
            for (int i = 0; i < values.length; i++) {
                assertThat(means[i]).isCloseTo(values[i], within(0.12));
            }
        }
    }

    @Test
    void rotatedProductsDependOnTheDistance() {
        RotaryPositions rotary = new RotaryPositions(4, 32);
        try (Model model = Model.create(session, rotary, 1)) {
            Pass pass = Pass.evaluation();
            Tensor q = random(8, 1, 1, 1, 4);
            Tensor k = random(9, 1, 1, 1, 4);
            double near = rotary.rotate(q, 5, pass)
                    .mul(rotary.rotate(k, 3, pass))
                    .sum()
                    .item();
            double far = rotary.rotate(q, 29, pass)
                    .mul(rotary.rotate(k, 27, pass))
                    .sum()
                    .item();
            assertThat(far).isCloseTo(near, CLOSE);
            assertClose(rotary.rotate(q, 0, pass), q);
            // The first pair, numbers 0 and 2, turns by the place itself, the second by place / 100.
            Tensor unit = session.tensor(new double[] {1, 1, 0, 0}, Shape.of(1, 1, 1, 4));
            assertThat(rotary.rotate(unit, 2, pass).toDoubles())
                    .containsExactly(new double[] {Math.cos(2), Math.cos(0.02), Math.sin(2), Math.sin(0.02)}, CLOSE);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> rotary.rotate(q, 32, pass))
                    .withMessageContaining("within the 32 places");
            assertThat(model.trainable()).isEmpty();
        }
        assertThat(rotary.base(500)).hasToString("RotaryPositions(4, 32, base 500.0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RotaryPositions(3, 4))
                .withMessageContaining("an even size");
    }

    @Test
    void sinusoidsAndLearnedVectorsAreAdded() {
        Layer fixed = new SinusoidalPositions(4, 8);
        Layer learned = new LearnedPositions(4, 8).weight(Initializer.constant(2));
        try (Model first = Model.create(session, fixed, 1);
                Model second = Model.create(session, learned, 1)) {
            Tensor zero = session.zeros(Shape.of(1, 3, 4));
            assertThat(first.forward(zero, Pass.evaluation()).select(1, 2).toDoubles())
                    .containsExactly(new double[] {Math.sin(2), Math.cos(2), Math.sin(0.02), Math.cos(0.02)}, CLOSE);
            assertThat(second.forward(zero, Pass.evaluation()).toDoubles()).containsOnly(2);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> first.forward(session.zeros(Shape.of(1, 9, 4)), Pass.evaluation()))
                    .withMessageContaining("SinusoidalPositions(4, 8) expects input [N, T, 4] of at most 8 places");
        }
    }

    @Test
    void anEncoderLayerReadsNothingLaterWhenCausal() {
        TransformerEncoderLayer layer = new TransformerEncoderLayer(8, 2, 16)
                .causal(true)
                .normFirst(true)
                .keyValueHeads(1)
                .positions(new RotaryPositions(4, 8))
                .activation(Activations.gelu())
                .dropout(0);
        try (Model model = Model.create(session, layer, 1);
                KeyValueCache cache = new KeyValueCache(8)) {
            Tensor x = random(10, 1, 6, 8);
            Tensor whole = model.forward(x, Pass.evaluation());
            assertClose(model.forward(x.narrow(1, 0, 4), Pass.evaluation()), whole.narrow(1, 0, 4));
            assertClose(layer.forward(x, cache, Pass.evaluation()), whole);
        }
    }

    @Test
    void transformersLeaveNothingBesideTheirResult() {
        for (boolean first : new boolean[] {false, true}) {
            TransformerEncoder encoder =
                    new TransformerEncoder(() -> new TransformerEncoderLayer(8, 2, 16).normFirst(first), 2);
            TransformerDecoder decoder =
                    new TransformerDecoder(() -> new TransformerDecoderLayer(8, 2, 16).normFirst(first), 2);
            Tensor x = random(11, 2, 3, 8);
            try (Model one = Model.create(session, encoder, 1);
                    Model other = Model.create(session, decoder, 1);
                    KeyValueCache cache = new KeyValueCache(4);
                    KeyValueCache next = new KeyValueCache(4);
                    Scope scope = session.scope("transformers")) {
                encoder.forward(x, Pass.evaluation());
                assertThat(scope.size()).isEqualTo(1);
                decoder.forward(x, x, null, Pass.evaluation());
                assertThat(scope.size()).isEqualTo(2);
                encoder.forward(x, List.of(cache, next), Pass.evaluation());
                assertThat(scope.size()).isEqualTo(3);
                assertThat(one.session()).isSameAs(other.session());
            }
        }
    }

    @Test
    void aDecoderExpectsNewLayers() {
        TransformerDecoderLayer layer = new TransformerDecoderLayer(4, 2, 8);
        assertThat(new TransformerDecoder(() -> new TransformerDecoderLayer(4, 2, 8), 3))
                .hasToString("TransformerDecoder(3 layers)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TransformerDecoder(() -> layer, 2))
                .withMessage("TransformerDecoder expects a new layer each time, got the same one twice; make it in the"
                        + " supplier");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TransformerDecoder(() -> layer, 0))
                .withMessageContaining("at least 1 layer, got 0");
    }

    /** An activation may have parameters of its own. */
    @Test
    void theParametersOfAnActivationLearn() {
        TransformerEncoderLayer layer = new TransformerEncoderLayer(4, 2, 8).activation(new PRelu(1));
        try (Model model = Model.create(session, layer, 1)) {
            assertThat(model.parameters()).containsKey("activation.weight");
            assertThat(model.forward(random(12, 1, 3, 4), Pass.evaluation()).shape())
                    .isEqualTo(Shape.of(1, 3, 4));
        }
    }

    /** Since a resumed run must have the same words, they name no object of this process. */
    @Test
    void anActivationWithoutWordsIsNamedByItsClass() {
        assertThat(new TransformerEncoderLayer(4, 2, 8).activation((x, pass) -> x.square()))
                .hasToString("TransformerEncoderLayer(4, 2 heads, 8 hidden, class SequenceLayersTest$lambda,"
                        + " dropout 0.1)");
        assertThat(new TransformerDecoderLayer(4, 2, 8)
                        .activation(Activations.gelu())
                        .dropout(0))
                .hasToString("TransformerDecoderLayer(4, 2 heads, 8 hidden, gelu)");
    }

    private static void assertClose(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        assertThat(actual.toDoubles()).containsExactly(expected.toDoubles(), CLOSE);
    }
}
