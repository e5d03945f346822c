package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.alborz.data.ArrayDataset;
import org.alborz.data.DataLoader;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The presets of trainers learn what they are for, and measure it. */
class PresetsTest {
    private static final int TOKENS = 5;

    /** Names the next token by the last one alone. */
    private static final class Bigram implements Layer {
        private final Parameter table = Parameter.of(Shape.of(TOKENS, TOKENS), Initializer.constant(0));

        @Override
        public void describe(Structure structure) {
            structure.parameter("table", table);
        }

        @Override
        public Tensor forward(Tensor tokens, Pass pass) {
            return pass.use(table).gather(0, tokens); // [N, T] to [N, T, V]
        }
    }

    @Test
    void aLanguageModelNamesTheNextToken() {
        int[][] sequences = new int[40][6];
        for (int i = 0; i < 40; i++) {
            for (int t = 0; t < 6; t++) {
                sequences[i][t] = (i + t) % TOKENS; // each token follows from the one before
            }
        }
        DataLoader data = DataLoader.of(
                        ArrayDataset.builder().field("tokens", sequences).build(), 16)
                .build();
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, new Bigram(), 1)) {
            Trainer trainer = Trainer.languageModel(model, new Adam(0.1), -100).build();
            double before = trainer.evaluate(data).value("perplexity");
            List<EpochResult> epochs = trainer.fit(data, data, 40);
            assertThat(before).isBetween(4.99, 5.01); // as many as there are tokens
            assertThat(epochs.get(39).value("val_perplexity")).isLessThan(1.2);
            assertThat(trainer.predict(data).shape()).isEqualTo(Shape.of(40, 5, TOKENS));
        }
    }

    @Test
    void aRegressionFindsALine() {
        float[][] x = new float[64][2];
        float[] y = new float[64];
        for (int i = 0; i < 64; i++) {
            x[i][0] = (float) Math.sin(i);
            x[i][1] = (float) Math.cos(3 * i);
            y[i] = 2 * x[i][0] - x[i][1] + 0.5f;
        }
        DataLoader data = DataLoader.of(ArrayDataset.of(x, y), 16).build();
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, new Linear(2, 1), 1)) {
            EpochResult last = Trainer.regression(model, new Adam(0.05))
                    .build()
                    .fit(data, data, 60)
                    .get(59);
            assertThat(last.value("val_r2")).isGreaterThan(0.99);
            assertThat(last.value("val_mae")).isLessThan(0.1);
        }
    }

    @Test
    void aBinaryClassifierOrdersItsSamples() {
        float[][] x = new float[64][2];
        float[] y = new float[64];
        for (int i = 0; i < 64; i++) {
            x[i][0] = (float) Math.sin(i);
            x[i][1] = (float) Math.cos(3 * i);
            y[i] = x[i][0] > x[i][1] ? 1 : 0;
        }
        DataLoader data = DataLoader.of(ArrayDataset.of(x, y), 16).build();
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, new Linear(2, 1), 1)) {
            EpochResult last = Trainer.binaryClassifier(
                            model, new Adam(0.05), Loss.binaryCrossEntropy().positiveWeight(2))
                    .build()
                    .fit(data, data, 40)
                    .get(39);
            assertThat(last.value("val_auc")).isGreaterThan(0.98);
            assertThat(last.value("val_accuracy")).isGreaterThan(0.85);
        }
    }

    /** Targets of −1 and 1, of any type, as step, in training and in evaluation; nothing is changed. */
    @Test
    void aBinaryClassifierRefusesTargetsBeyond0And1() {
        float[][] x = {{1}, {2}, {3}, {4}};
        List<Object> wrong = List.of(
                new float[] {1, 0, -1, 1}, new double[] {1, 0, -1, 1}, new int[][] {{1}, {0}, {-1}, {1}}, new long[] {
                    1, 0, -1, 1
                });
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, new Linear(1, 1), 1)) {
            double[] before = model.values().toDoubles();
            try (Trainer trainer = Trainer.binaryClassifier(model, new Adam(0.05), Loss.binaryCrossEntropy())
                    .build()) {
                for (Object targets : wrong) {
                    DataLoader data =
                            DataLoader.of(ArrayDataset.of(x, targets), 4).build();
                    for (ThrowingCallable use :
                            List.<ThrowingCallable>of(() -> trainer.fit(data, 1), () -> trainer.evaluate(data))) {
                        assertThatThrownBy(use)
                                .isInstanceOf(IllegalArgumentException.class)
                                .hasMessageContainingAll(
                                        "Sample 2 has the target -1.0 in its field 'target'",
                                        "expects targets from 0.0 to 1.0; of targets from -1 to 1 take (x + 1) / 2");
                    }
                }
                DataLoader nan = DataLoader.of(ArrayDataset.of(x, new float[] {0, Float.NaN, 1, 1}), 4)
                        .build();
                assertThatThrownBy(() -> trainer.fit(nan, 1)).hasMessageContaining("Sample 1 has the target NaN");
                assertThat(model.values().toDoubles()).isEqualTo(before);
                DataLoader soft = DataLoader.of(ArrayDataset.of(x, new float[] {0, 0.25f, 1, 0.5f}), 4)
                        .build();
                assertThat(trainer.fit(soft, 1)).hasSize(1);
                DataLoader bytes = DataLoader.of(ArrayDataset.of(x, new byte[] {0, 1, 2, 0}), 4)
                        .build();
                assertThatThrownBy(() -> trainer.evaluate(bytes)).hasMessageContaining("Sample 2 has the target 2.0");
            }
        }
    }
}
