package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;

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
}
