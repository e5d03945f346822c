package org.alborz.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.data.Subset;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The mean of files of weights. */
class WeightAveragingTest {
    private static final String COUNT = "1.num_batches_tracked";

    @TempDir
    Path directory;

    private final Session session = Session.open("cpu-vector");
    private Path one;
    private Path two;

    @BeforeEach
    void save() {
        one = saved("one", 1, 3);
        two = saved("two", 2, 5);
    }

    @AfterEach
    void close() {
        session.close();
    }

    private static Sequential net() {
        return new Sequential(
                new Conv2d(3, 2, 5).stride(4), new BatchNorm(2).cumulativeAverage(), new Flatten(), new Linear(98, 3));
    }

    private Path saved(String name, long seed, long batches) {
        Path file = directory.resolve(name + ".safetensors");
        try (Model model = Model.create(session, net(), seed)) {
            model.parameter("1.running_mean").value().fill(seed * 0.1);
            model.parameter(COUNT).value().fill(batches);
            Weights.save(file, model);
        }
        return file;
    }

    private float[] values(Path file) {
        try (Model model = Weights.load(file, session, net())) {
            return model.values().toFloats();
        }
    }

    @Test
    void isTheMeanRoundedOnce() {
        float[] first = values(one);
        float[] second = values(two);
        try (Model model = Model.create(session, net(), 9)) {
            Weights.average(model, one, two);
            float[] mean = model.values().toFloats();
            for (int i = 0; i < mean.length; i++) {
                assertThat(mean[i]).isEqualTo((float) (((double) first[i] + second[i]) / 2));
            }
            float expected = (float) ((0.1f + (double) 0.2f) / 2);
            assertThat(model.parameter("1.running_mean").value().toFloats()).containsOnly(expected);
            assertThat(model.parameter("1.running_var").value().toFloats()).containsOnly(1);
            assertThat(model.parameter(COUNT).value().toLongs()).containsExactly(3); // the first file's
        }
    }

    @Test
    void aFileCountsByItsShareAndTwiceWhereItIsNamedTwice() {
        float[] first = values(one);
        float[] second = values(two);
        Map<Path, Double> shares = new LinkedHashMap<>();
        shares.put(one, 1.0);
        shares.put(two, 2.0);
        try (Model model = Model.create(session, net(), 9)) {
            Weights.average(model, shares);
            float[] mean = model.values().toFloats();
            for (int i = 0; i < mean.length; i++) {
                assertThat(mean[i]).isEqualTo((float) ((first[i] + 2 * (double) second[i]) / 3));
            }
            Weights.average(model, one, two, two);
            assertThat(model.values().toFloats()).isEqualTo(mean);
        }
    }

    /** Only what the shares are to each other counts, however large or small they are. */
    @ParameterizedTest
    @ValueSource(doubles = {1e308, 1e-320, Double.MIN_VALUE, 3, 0x1p-1022})
    void sharesOfAnySizeGiveTheMean(double share) {
        Map<Path, Double> shares = new LinkedHashMap<>();
        shares.put(one, share);
        shares.put(two, share);
        try (Model equal = Model.create(session, net(), 9);
                Model model = Model.create(session, net(), 9)) {
            Weights.average(equal, one, two);
            Weights.average(model, shares);
            assertThat(model.values().toFloats()).containsExactly(equal.values().toFloats(), within(1e-7f));
        }
    }

    @Test
    void aShareTooSmallToCountKeepsNothingOfItsFileButTheCounts() {
        Map<Path, Double> shares = new LinkedHashMap<>();
        shares.put(one, Double.MIN_VALUE);
        shares.put(two, Double.MAX_VALUE);
        try (Model model = Model.create(session, net(), 9)) {
            Weights.average(model, shares);
            assertThat(model.values().toFloats()).isEqualTo(values(two));
            assertThat(model.parameter(COUNT).value().toLongs()).containsExactly(3); // the first file's
        }
    }

    @Test
    void equalFilesStayAsTheyAre() {
        try (Model model = Model.create(session, net(), 9)) {
            Weights.average(model, one, saved("same", 1, 3), saved("again", 1, 3));
            assertThat(model.values().toFloats()).isEqualTo(values(one));
        }
    }

    @Test
    void whereAFileDoesNotFitTheModelIsAsItWas() throws IOException {
        Path other = directory.resolve("other.safetensors");
        try (Model model = Model.create(session, new Linear(2, 3), 1)) {
            Weights.save(other, model);
        }
        Path damaged = Files.write(directory.resolve("damaged.safetensors"), new byte[] {1, 2, 3});
        try (Model model = Weights.load(two, session, net())) {
            for (Path wrong : List.of(other, damaged, directory.resolve("missing.safetensors"))) {
                assertThatThrownBy(() -> Weights.average(model, one, wrong))
                        .isInstanceOf(CheckpointException.class)
                        .hasMessageContaining(wrong.getFileName().toString());
                assertThat(model.values().toFloats()).isEqualTo(values(two));
                assertThat(model.parameter(COUNT).value().toLongs()).containsExactly(5);
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Weights.average(model))
                    .withMessageContaining("at least 1 file");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Weights.average(model, Map.of(one, -1.0)))
                    .withMessageContaining("above 0, got -1");
        }
    }

    /** Two teams take a step of plain gradient descent each from the same weights: their mean is a step on the data of both. */
    @Test
    void aRoundOfFederatedAveragingIsAStepOnAllData() {
        GeneratedImages all = GeneratedImages.train(3, 24);
        Map<Path, Double> shares = new LinkedHashMap<>();
        int[][] parts = {{0, 8}, {8, 24}};
        for (int[] part : parts) {
            Path file = directory.resolve("team" + part[0] + ".safetensors");
            try (Model model = stepped(Subset.range(all, part[0], part[1]))) {
                Weights.save(file, model);
            }
            shares.put(file, (double) part[1] - part[0]);
        }
        try (Model together = stepped(all);
                Model mean = Model.create(session, linear(), 5)) {
            Weights.average(mean, shares);
            float[] expected = together.values().toFloats();
            float[] got = mean.values().toFloats();
            for (int i = 0; i < got.length; i++) {
                assertThat(got[i]).isCloseTo(expected[i], within(1e-6f));
            }
        }
    }

    private static Sequential linear() {
        return new Sequential(new Flatten(), new Linear(3 * 32 * 32, 10));
    }

    private Model stepped(org.alborz.data.Dataset data) {
        Model model = Model.create(session, linear(), 5);
        Trainer.classifier(model, new Sgd(0.01))
                .build()
                .fit(DataLoader.of(data, data.size()).build(), 1);
        return model;
    }
}
