package org.alborz.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.alborz.data.CharacterVocabulary;
import org.alborz.data.DataException;
import org.alborz.data.Sample;
import org.alborz.data.TokenWindows;
import org.alborz.nn.KeyValueCache;
import org.alborz.nn.Layer;
import org.alborz.nn.Model;
import org.alborz.nn.Module;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Structure;
import org.alborz.random.RandomKey;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of sequences: their sizes, what they read, and what text becomes for them. */
class SequenceModelsTest {
    /** Counts what a module learns without giving it memory. */
    private static long parameters(Module module) {
        Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        collect(module, seen);
        return seen.stream()
                .filter(Parameter::isTrainable)
                .mapToLong(parameter -> parameter.shape().elements())
                .sum();
    }

    private static void collect(Module module, Set<Parameter> into) {
        module.describe(new Structure() {
            @Override
            public void parameter(String name, Parameter parameter) {
                into.add(parameter);
            }

            @Override
            public void module(String name, Module part) {
                collect(part, into);
            }
        });
    }

    @Test
    void sizesAreThoseOfThePapers() {
        // GPT-2 small, as published by OpenAI; ViT-B/16 as torchvision counts it.
        assertThat(parameters(new Gpt(Gpt.Configuration.gpt2()))).isEqualTo(124_439_808);
        assertThat(parameters(new Vit(new Vit.Configuration(224, 16, 768, 12, 3072, 12, 1000, 0.1))))
                .isEqualTo(86_567_656);
        assertThat(parameters(new Vit(Vit.Configuration.small(10)))).isEqualTo(2_693_578);
        // The medium model of Zaremba et al. 2014: "each layer has 650 units", a vocabulary of 10000.
        assertThat(parameters(new LstmLanguageModel(new LstmLanguageModel.Configuration(10_000, 650, 650, 2, 0.5))))
                .isEqualTo(10_000L * 650 + 2 * (4 * 650 * (650 + 650) + 2 * 4 * 650) + 650 * 10_000 + 10_000);
    }

    @Test
    void aGptReadsNoLaterToken() {
        Gpt gpt = new Gpt(new Gpt.Configuration(7, 6, 8, 2, 2, 0.1));
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, gpt, 1)) {
            Tensor whole = model.forward(session.tensor(new int[][] {{1, 2, 3, 4, 5, 6}}), Pass.evaluation());
            Tensor part = model.forward(session.tensor(new int[][] {{1, 2, 3, 0, 0}}), Pass.evaluation());
            assertThat(whole.shape()).isEqualTo(Shape.of(1, 6, 7));
            assertThat(part.narrow(1, 0, 3).toFloats())
                    .containsExactly(whole.narrow(1, 0, 3).toFloats(), org.assertj.core.data.Offset.offset(1e-5f));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.forward(session.tensor(new int[1][7]), Pass.evaluation()))
                    .withMessageContaining("at most 6 places");
        }
    }

    @Test
    void aGptGoesOnFromItsCaches() {
        Gpt gpt = new Gpt(new Gpt.Configuration(7, 6, 8, 2, 2, 0.1));
        List<KeyValueCache> caches = gpt.caches();
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, gpt, 1)) {
            Pass pass = Pass.evaluation();
            Tensor whole = model.forward(session.tensor(new int[][] {{1, 2, 3, 4, 5}}), pass);
            Tensor first = gpt.forward(session.tensor(new int[][] {{1, 2, 3}}), caches, pass);
            Tensor next = gpt.forward(session.tensor(new int[][] {{4}}), caches, pass);
            Tensor last = gpt.forward(session.tensor(new int[][] {{5}}), caches, pass);
            assertThat(Tensor.concat(1, first, next, last).toFloats())
                    .containsExactly(whole.toFloats(), org.assertj.core.data.Offset.offset(1e-5f));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> gpt.forward(session.tensor(new int[][] {{1, 2}}), caches, pass))
                    .withMessageContaining("from place 5 on");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> gpt.forward(session.tensor(new int[][] {{1}}), List.of(), pass))
                    .withMessageContaining("a cache for each of its 2 layers, got 0");
            caches.forEach(KeyValueCache::close);
        }
    }

    @Test
    void aVitScoresImages() {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, new Vit(new Vit.Configuration(8, 4, 8, 2, 16, 1, 3, 0)), 1)) {
            Tensor images = session.normal(new RandomKey(1, 0, 0), Shape.of(2, 3, 8, 8));
            Tensor both = model.forward(images, Pass.evaluation());
            assertThat(both.shape()).isEqualTo(Shape.of(2, 3));
            Tensor second = model.forward(images.narrow(0, 1, 1), Pass.evaluation());
            assertThat(second.toFloats())
                    .containsExactly(both.narrow(0, 1, 1).toFloats(), org.assertj.core.data.Offset.offset(1e-5f));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> model.forward(session.zeros(Shape.of(1, 3, 9, 8)), Pass.evaluation()))
                    .withMessageContaining("Vit expects images [N, 3, 8, 8]");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Vit.Configuration(30, 4, 8, 2, 16, 1, 3, 0))
                .withMessageContaining("a multiple of the patch, got 30 and 4");
    }

    @Test
    void charactersHaveNumbersThatAreSavedAndLoaded(@TempDir Path folder) throws IOException {
        CharacterVocabulary vocabulary = CharacterVocabulary.of("b\u00e4d\n\ud83d\ude00 bad");
        assertThat(vocabulary.size()).isEqualTo(7);
        int[] tokens = vocabulary.encode("bad\u00e4\ud83d\ude00");
        assertThat(tokens).containsExactly(3, 2, 4, 5, 6);
        assertThat(vocabulary.decode(tokens)).isEqualTo("bad\u00e4\ud83d\ude00");
        Path file = folder.resolve("vocabulary.txt");
        vocabulary.save(file);
        assertThat(CharacterVocabulary.load(file).encode("\n d")).containsExactly(0, 1, 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> vocabulary.encode("bat"))
                .withMessageContainingAll("7 characters", "t", "at place 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> vocabulary.decode(7))
                .withMessage("decode expects tokens from 0 to 6, got 7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CharacterVocabulary.of(""))
                .withMessageContaining("at least one character");
        Files.writeString(file, "\uFEFF" + vocabulary.characters()); // as an editor on Windows does
        assertThat(CharacterVocabulary.load(file).characters()).isEqualTo(vocabulary.characters());
        CharacterVocabulary.of("\uFEFF\ud83d\ude00").save(file);
        assertThat(CharacterVocabulary.load(file).size()).isEqualTo(2);
        Files.writeString(file, "ba");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> CharacterVocabulary.load(file))
                .withMessageContaining("at place 1 out of order");
        Files.write(file, new byte[] {(byte) 0xC3, 0x28});
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> CharacterVocabulary.load(file))
                .withMessageContaining("expects text in UTF-8");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> CharacterVocabulary.load(folder))
                .withMessageContaining("is a directory");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> CharacterVocabulary.load(folder.resolve("none")))
                .withMessageContaining("There is no file");
    }

    @Test
    void windowsHaveEachTokenAsTheNextOne() {
        int[] tokens = {10, 11, 12, 13, 14, 15, 16, 17};
        TokenWindows windows = TokenWindows.of(tokens, 3);
        assertThat(windows.size()).isEqualTo(2);
        Sample sample = Sample.of(windows, 1);
        assertThat(List.of(sample.get(0, 0), sample.get(0, 3))).containsExactly(13.0, 16.0);
        assertThat(windows.stride(1).size()).isEqualTo(5);
        assertThat(Sample.of(windows.stride(1), 4).get(0, 3)).isEqualTo(17);
        assertThat(windows.description()).contains("2 parts of 4 of 8 tokens, 3 apart");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenWindows.of(tokens, 8))
                .withMessageContaining("more tokens than the length, got 8, 8 and 8 tokens");
    }

    @Test
    void aSamplerDrawsWhatTheModelSays() {
        // Scores of the next token: the one after it by far, and the one after that a little.
        Layer counting = (tokens, pass) -> {
            Tensor next = tokens.session().tensor(new double[] {0, 9, 8, 0, 0, 9, 8, 0, 0}, Shape.of(3, 3));
            return next.embedding(tokens);
        };
        try (Session session = Session.open("cpu-vector")) {
            TextSampler likeliest = new TextSampler(session, counting, 2, 0);
            assertThat(likeliest.sample(new int[] {0}, 4, 1)).containsExactly(0, 1, 2, 0, 1);
            StringBuilder told = new StringBuilder();
            likeliest.sample(new int[] {0}, 4, 1, told::append);
            assertThat(told).hasToString("1234");
            TextSampler drawn = new TextSampler(session, counting, 2, 1);
            int[] tokens = drawn.sample(new int[] {0}, 300, 1);
            assertThat(drawn.sample(new int[] {0}, 300, 1)).containsExactly(tokens);
            assertThat(drawn.sample(new int[] {0}, 300, 2)).isNotEqualTo(tokens);
            int skipped = 0;
            int ones = 0;
            for (int i = 0; i < 300; i++) {
                ones += tokens[i] == 0 ? 1 : 0;
                skipped += tokens[i] == 0 && tokens[i + 1] == 2 ? 1 : 0;
            }
            // e⁸ of e⁹ + e⁸ + 1, which is 0.27.
            assertThat((double) skipped / ones).isBetween(0.15, 0.4);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> likeliest.sample(new int[0], 4, 1))
                    .withMessageContaining("at least 1 token to start with");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new TextSampler(session, counting, 0, 1))
                    .withMessageContaining("a context of at least 1 token");
            Layer lost = (context, pass) -> counting.forward(context, pass).mul(Double.NaN);
            assertThatIllegalStateException()
                    .isThrownBy(() -> new TextSampler(session, lost, 2, 1).sample(new int[] {0}, 1, 1))
                    .withMessageContaining("got NaN for token 0");
        }
    }

    /** What is drawn by a model that is hidden in another layer, which reads all tokens again. */
    private static int[] byWholePasses(Session session, Layer model, int context, int[] start, int count) {
        return new TextSampler(session, model::forward, context, 1).sample(start, count, 3);
    }

    @Test
    void aSamplerWithCachesDrawsWhatWholePassesDraw() {
        Gpt gpt = new Gpt(new Gpt.Configuration(9, 16, 8, 2, 2, 0.1));
        LstmLanguageModel lstm = new LstmLanguageModel(new LstmLanguageModel.Configuration(9, 5, 6, 2, 0.1));
        int[] start = {1, 2, 3};
        try (Session session = Session.open("cpu-vector");
                Model ofGpt = Model.create(session, gpt, 1);
                Model ofLstm = Model.create(session, lstm, 1)) {
            assertThat(new TextSampler(session, gpt, 16, 1).sample(start, 13, 3))
                    .containsExactly(byWholePasses(session, gpt, 16, start, 13));
            assertThat(new TextSampler(session, lstm, 16, 1).sample(start, 60, 3))
                    .containsExactly(byWholePasses(session, lstm, 100, start, 60));
            // A text that is longer than the context, also its start.
            assertThat(new TextSampler(session, gpt, 16, 1).sample(new int[40], 50, 3))
                    .hasSize(90);
            assertThat(new TextSampler(session, gpt, 1, 1).sample(start, 5, 3)).hasSize(8);
        }
    }

    @Test
    void readersGiveTheScoresOfWholePasses() {
        Gpt gpt = new Gpt(new Gpt.Configuration(9, 8, 8, 2, 2, 0.1));
        LstmLanguageModel lstm = new LstmLanguageModel(new LstmLanguageModel.Configuration(9, 5, 6, 2, 0.1));
        int[] tokens = {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5};
        try (Session session = Session.open("cpu-vector");
                Model ofGpt = Model.create(session, gpt, 1);
                Model ofLstm = Model.create(session, lstm, 1)) {
            try (TokenReader gpts = TokenReader.of(session, gpt, 100);
                    TokenReader lstms = TokenReader.of(session, lstm, 4);
                    TokenReader whole = TokenReader.of(session, lstm::forward, 100)) {
                for (int count : new int[] {3, 4, 5, 8, 9, 10, 12, 13, 14}) {
                    assertThat(lstms.scores(tokens, count))
                            .containsExactly(whole.scores(tokens, count), org.assertj.core.data.Offset.offset(1e-5));
                    // Full after 8 tokens, it continues with the last 4 of 9, and of 14.
                    int seen = count <= 8 ? count : count <= 13 ? count - 5 : 4;
                    double[] expected;
                    try (TokenReader again = TokenReader.of(session, gpt::forward, seen)) {
                        expected = again.scores(tokens, count);
                    }
                    assertThat(gpts.scores(tokens, count))
                            .containsExactly(expected, org.assertj.core.data.Offset.offset(1e-5));
                }
            }
        }
    }

    @Test
    void aSamplerDrawsFromTheLikeliestTokensOnly() {
        Layer scores = (tokens, pass) -> tokens.session()
                .tensor(new double[] {1, 3, 2, 3, 0}, Shape.of(1, 1, 5))
                .expand(Shape.of(1, tokens.shape().size(1), 5));
        try (Session session = Session.open("cpu-vector")) {
            TextSampler all = new TextSampler(session, scores, 1, 5);
            assertThat(all.sample(new int[1], 200, 1)).contains(0, 1, 2, 3, 4);
            assertThat(Arrays.copyOfRange(all.topK(3).sample(new int[1], 200, 1), 1, 201))
                    .containsOnly(1, 2, 3);
            assertThat(Arrays.copyOfRange(all.topK(1).sample(new int[1], 20, 1), 1, 21))
                    .containsOnly(1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> all.topK(0))
                    .withMessage("TextSampler draws from at least 1 token, got 0");
        }
    }
}
