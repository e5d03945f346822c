package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.alborz.backend.MemoryStatistics;
import org.alborz.data.ArrayDataset;
import org.alborz.data.CharacterVocabulary;
import org.alborz.data.DataLoader;
import org.alborz.data.TokenWindows;
import org.alborz.models.Gpt;
import org.alborz.models.LstmLanguageModel;
import org.alborz.models.TextSampler;
import org.alborz.nn.Layer;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.optim.Adam;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Language models learn what they should, in memory that does not grow. */
class SequenceLearningTest {
    private static final int SYMBOLS = 8;
    private static final int SEPARATOR = SYMBOLS;
    private static final int COPIED = 4;
    private static final int LENGTH = 2 * COPIED;
    private static final int UNCOUNTED = -100;

    private static Layer model(String name, int vocabulary, int context) {
        return name.equals("lstm")
                ? new LstmLanguageModel(new LstmLanguageModel.Configuration(vocabulary, 32, 128, 1, 0))
                : new Gpt(new Gpt.Configuration(vocabulary, context, 64, 4, 2, 0));
    }

    /** Symbols, the separator, and the symbols again, of which each is to be named before it is read; what comes before does not count. */
    private static DataLoader copies(int count, long seed) {
        int[][] tokens = new int[count][LENGTH];
        int[][] next = new int[count][LENGTH];
        fill(tokens, next, seed);
        return DataLoader.of(
                        ArrayDataset.builder()
                                .field("tokens", tokens)
                                .field("next", next)
                                .build(),
                        64)
                .shuffle(true)
                .build();
    }

    private static void fill(int[][] tokens, int[][] next, long seed) {
        Random random = new Random(seed);
        int count = tokens.length;
        for (int i = 0; i < count; i++) {
            for (int t = 0; t < COPIED; t++) {
                tokens[i][t] = random.nextInt(SYMBOLS);
                next[i][t] = UNCOUNTED;
            }
            tokens[i][COPIED] = SEPARATOR;
            for (int t = 0; t < COPIED; t++) {
                next[i][COPIED + t] = tokens[i][t];
                if (COPIED + t + 1 < LENGTH) {
                    tokens[i][COPIED + t + 1] = tokens[i][t];
                }
            }
        }
    }

    @Tag("sweep")
    @ParameterizedTest
    @ValueSource(strings = {"lstm", "gpt"})
    void theCopyTaskIsLearnedToAHundredPercent(String name) {
        DataLoader train = copies(6400, 1);
        int[][] tokens = new int[640][LENGTH];
        int[][] next = new int[640][LENGTH];
        fill(tokens, next, 2);
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, model(name, SYMBOLS + 1, LENGTH), 1)) {
            Trainer trainer = Trainer.languageModel(model, new Adam(name.equals("lstm") ? 4e-3 : 2e-3), UNCOUNTED)
                    .build();
            int wrong = Integer.MAX_VALUE;
            for (int epoch = 1; epoch <= 80 && wrong > 0; epoch++) {
                trainer.fit(train, epoch);
                wrong = 0;
                try (Scope scope = session.scope("test")) {
                    Tensor scores = model.forward(session.tensor(tokens), Pass.evaluation());
                    int[] named = scores.argMax(2).toInts();
                    for (int i = 0; i < named.length; i++) {
                        int expected = next[i / LENGTH][i % LENGTH];
                        wrong += expected != UNCOUNTED && expected != named[i] ? 1 : 0;
                    }
                }
            }
            assertThat(wrong).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lstm", "gpt"})
    void noStepTakesMoreMemoryFromTheSecondOn(String name) {
        List<MemoryStatistics> seen = new ArrayList<>();
        Callback watch = new Callback() {
            @Override
            public void onStepEnd(Trainer trainer) {
                seen.add(trainer.model().session().memory());
            }
        };
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, model(name, SYMBOLS + 1, LENGTH), 1)) {
            Trainer.languageModel(model, new Adam(1e-3), UNCOUNTED)
                    .callback(watch)
                    .build()
                    .fit(copies(64 * 12, 1), 1);
        }
        assertThat(seen).hasSize(12);
        MemoryStatistics second = seen.get(1);
        assertThat(seen.subList(2, 12)).allSatisfy(later -> {
            assertThat(later.peak()).isEqualTo(second.peak());
            assertThat(later.used() + later.pooled()).isEqualTo(second.used() + second.pooled());
        });
    }

    /** The text is the licence that comes with the sources, 11 kilobytes. */
    @Tag("sweep")
    @ParameterizedTest
    @ValueSource(strings = {"lstm", "gpt"})
    void aCharacterModelFallsBelowSixteenTenthsOfANat(String name) throws IOException {
        String text = Files.readString(Path.of("..", "LICENSE"));
        CharacterVocabulary vocabulary = CharacterVocabulary.of(text);
        int context = 64;
        DataLoader train = DataLoader.of(
                        TokenWindows.of(vocabulary.encode(text), context).stride(16), 32)
                .shuffle(true)
                .build();
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, model(name, vocabulary.size(), context), 1)) {
            Trainer trainer =
                    Trainer.languageModel(model, new Adam(3e-3), UNCOUNTED).build();
            double nats = Double.POSITIVE_INFINITY;
            for (int epoch = 1; epoch <= 40 && nats > 1.6; epoch++) {
                nats = trainer.fit(train, epoch).get(0).value("loss");
            }
            assertThat(nats).isLessThan(1.6);
            TextSampler sampler = new TextSampler(session, (Layer) model.module(), context, 0.5);
            String sampled = vocabulary.decode(sampler.sample(vocabulary.encode("License"), 80, 1));
            assertThat(sampled).startsWith("License").hasSize(87);
        }
    }

    @Test
    void aFewStepsLowerTheLoss() {
        DataLoader train = copies(64 * 8, 1);
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, model("gpt", SYMBOLS + 1, LENGTH), 1)) {
            List<EpochResult> epochs = Trainer.languageModel(model, new Adam(3e-3), UNCOUNTED)
                    .build()
                    .fit(train, 4);
            assertThat(epochs.get(3).value("loss")).isLessThan(epochs.get(0).value("loss"));
        }
    }
}
